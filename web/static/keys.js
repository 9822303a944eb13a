// Single keys that work wherever one is on a page, but not while somebody types. Who speaks to the computer,
// or touches keys unawares, switches them off at the foot of the page (WCAG 2.1, 2.1.4); that stays on this
// device and is sent nowhere.

const NAME = "mitschnitt.keys";
const button = document.getElementById("tasten");
let off = false;
try {
  off = localStorage.getItem(NAME) === "off";
} catch {
  // A browser that remembers nothing: the switch holds for this page.
}

function say() {
  button.textContent = off ? button.dataset.on : button.dataset.off;
}

if (button) {
  button.parentElement.hidden = false;
  say();
  button.addEventListener("click", () => {
    off = !off;
    try {
      if (off) localStorage.setItem(NAME, "off");
      else localStorage.removeItem(NAME);
    } catch {
      // As above.
    }
    say();
  });
}

// Calls what belongs to a pressed key; what gives `false` leaves the key to the browser.
export function onKeys(actions) {
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (off || typing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const action = actions[event.key];
    if (action && action() !== false) event.preventDefault();
  });
}

// The key / leads into a field.
export function leadTo(field) {
  onKeys({
    "/": () => {
      field.focus();
      field.select();
    },
  });
}
