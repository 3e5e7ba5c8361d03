// The course of a day: how the hall is at any of its moments, from what changed at each of them.

const CALLS_KEPT = 6;

export class Course {
  // `moments` as the server tells them; `lines` and `counters` are all the ids that there are.
  constructor(moments, lines, counters) {
    this._moments = moments;
    this._lines = lines;
    this._counters = counters;
    this.length_s = moments.length ? moments.at(-1).at_s : 0;
    this._begin();
  }

  // The hall as it is at this moment, and what was called since the last one that was asked for.
  at(second) {
    if (second < this.second) this._begin();
    const called = [];
    while (this._next < this._moments.length && this._moments[this._next].at_s <= second) {
      const moment = this._moments[this._next++];
      Object.assign(this.waiting, moment.waiting);
      Object.assign(this.counters, moment.counters);
      for (const [counter, number] of Object.entries(moment.called)) called.push({ counter, number });
    }
    this.calls = [...called].reverse().concat(this.calls).slice(0, CALLS_KEPT);
    this.second = second;
    return called;
  }

  get allWaiting() {
    return Object.values(this.waiting).reduce((sum, count) => sum + count, 0);
  }

  // How many wait in all, at so many moments that are equally far from each other.
  profile(steps) {
    const course = new Course(this._moments, this._lines, this._counters);
    return Array.from({ length: steps + 1 }, (_, place) => {
      course.at((place / steps) * this.length_s);
      return course.allWaiting;
    });
  }

  _begin() {
    this.second = -1;
    this._next = 0;
    this.waiting = Object.fromEntries(this._lines.map((line) => [line, 0]));
    this.counters = Object.fromEntries(this._counters.map((counter) => [counter, { state: "closed" }]));
    this.calls = [];
  }
}
