// Suggestions while a query is typed, in the browser's own list: it reads them out and walks them
// with the arrow keys. Without this script the field is a plain one.

const field = document.querySelector("#q");
const list = document.querySelector("#vorschlaege");
const PAUSE_MS = 120;

let timer;
let asked;

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(suggest, PAUSE_MS);
});

async function suggest() {
  const typed = field.value.trim();
  asked?.abort();
  if (typed.length < 2) return list.replaceChildren();
  asked = new AbortController();
  try {
    const answer = await fetch(`/api/v1/suggest?q=${encodeURIComponent(typed)}`, { signal: asked.signal });
    if (!answer.ok) return;
    const { completions } = await answer.json();
    list.replaceChildren(...completions.map(({ text, query }) => new Option(text, query)));
  } catch (error) {
    // A newer beginning was typed, or the network is gone: there is just no list.
    if (error.name !== "AbortError") list.replaceChildren();
  }
}
