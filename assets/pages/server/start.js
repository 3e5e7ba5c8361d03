// The first page says at once when a counter opens or closes.

import { Link } from "../shared/link.js";
import { lost } from "../shared/lost.js";
import { say } from "../shared/words.js";

const link = new Link({}, () => lost(link));

link.on("board", (board) => {
  for (const { counter, state } of board.counters) {
    const mark = document.querySelector(`a[href="/counter/${counter}"] em`);
    if (mark) {
      mark.dataset.state = state;
      mark.textContent = say(`start.state.${state}`);
    }
  }
});
