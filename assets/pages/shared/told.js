// What the server told this page when it served it: its language, the form of digits, its words, and its own facts.

export const told = JSON.parse(document.getElementById("told").textContent);
