// Holds the keys pressed before the page's modules have come, so that none is lost. It stands in the head
// and is no module, like rating/early.js: it must run before anybody can see the page.
(() => {
  const pressed = [];
  const hold = (event) => pressed.push(event);
  document.addEventListener("keydown", hold, true);
  window.earlyKeys = () => {
    document.removeEventListener("keydown", hold, true);
    return pressed.splice(0);
  };
})();
