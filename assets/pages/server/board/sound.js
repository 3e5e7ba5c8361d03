// The chime before a call: three falling bell tones, made by arithmetic. A browser makes no sound before somebody has
// pressed something, unless it was told to when it was started.

// A descending major triad in the middle of the ear's range: G5, E5, C5.
const TONES_HZ = [783.99, 659.26, 523.25];
const TONE_EVERY_S = 0.32;
// A bell is its ground tone, with quieter overtones that die sooner: multiple, loudness, decay in seconds.
const PARTIALS = [[1, 1, 0.42], [2, 0.34, 0.26], [3.01, 0.12, 0.14]];
const PEAK = 0.3, ATTACK_S = 0.008, INAUDIBLE = 6;
const CHIME_S = 2;

export class Sound {
  // `changed` is called with whether the board is mute.
  constructor(changed) {
    const Context = window.AudioContext ?? window.webkitAudioContext;
    this._context = Context && new Context();
    this._free_s = 0;
    if (this._context) this._context.onstatechange = () => changed(this.mute);
    for (const press of ["keydown", "pointerdown"]) addEventListener(press, () => this._context?.resume());
    changed(this.mute);
  }

  get mute() { return this._context?.state !== "running"; }

  // Ring, or go on ringing: calls at the same moment share a chime.
  ring() {
    if (this.mute || this._context.currentTime < this._free_s) return;
    const now_s = this._context.currentTime;
    this._free_s = now_s + CHIME_S;
    TONES_HZ.forEach((hertz, place) => this._bell(hertz, now_s + place * TONE_EVERY_S));
  }

  _bell(hertz, at_s) {
    for (const [multiple, loudness, decay_s] of PARTIALS) {
      const tone = this._context.createOscillator(), volume = this._context.createGain();
      tone.frequency.value = hertz * multiple;
      volume.gain.setValueAtTime(0, at_s);
      volume.gain.linearRampToValueAtTime(PEAK * loudness, at_s + ATTACK_S);
      volume.gain.setTargetAtTime(0, at_s + ATTACK_S, decay_s);
      tone.connect(volume).connect(this._context.destination);
      tone.start(at_s);
      tone.stop(at_s + ATTACK_S + INAUDIBLE * decay_s);
    }
  }
}
