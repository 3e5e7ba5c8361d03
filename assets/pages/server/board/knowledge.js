// What the board knows: the last board, and which calls were announced. Pure: boards come in, calls to announce out.

// A board that has just been switched on, or has found the server again, does not shout out what everyone saw.
const OLDEST_FIRST_ANNOUNCED_MS = 30000;

export class Knowledge {
  constructor() {
    this.board = null;
    this._atContact = true;
    this._announced = 0;
  }

  // The calls to announce now, the oldest first.
  hear(board) {
    let fresh = board.calls.filter((call) => call.call > this._announced);
    if (this._atContact) {
      fresh = fresh.filter((call) => Date.parse(board.at) - Date.parse(call.called_at) <= OLDEST_FIRST_ANNOUNCED_MS);
    }
    this.board = board;
    this._atContact = false;
    this._announced = Math.max(this._announced, ...board.calls.map((call) => call.call));
    return fresh.sort((one, other) => one.call - other.call);
  }

  // What comes next is old news first.
  loseServer() { this._atContact = true; }
}
