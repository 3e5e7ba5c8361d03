// Short soft tones for what a clerk should notice while looking elsewhere. A browser plays them only once somebody has
// touched the page; before that they are silent.

const LOST = [440, 330], SOMEONE = [523, 659], REFUSED = [220];
const TONE_S = 0.16, LOUD = 0.12;

export class Sound {
  // `isOn` tells whether the clerk wants any.
  constructor(isOn) { this._isOn = isOn; }

  lost() { this._play(LOST); }
  someone() { this._play(SOMEONE); }
  refused() { this._play(REFUSED); }

  _play(tones) {
    if (!this._isOn() || !navigator.userActivation?.hasBeenActive) return;
    this._context ??= new AudioContext();
    tones.forEach((hertz, place) => this._tone(hertz, this._context.currentTime + place * TONE_S));
  }

  _tone(hertz, at) {
    const oscillator = new OscillatorNode(this._context, { frequency: hertz });
    const gain = new GainNode(this._context, { gain: 0 });
    gain.gain.linearRampToValueAtTime(LOUD, at + 0.02);
    gain.gain.linearRampToValueAtTime(0, at + TONE_S);
    oscillator.connect(gain).connect(this._context.destination);
    oscillator.start(at);
    oscillator.stop(at + TONE_S);
  }
}
