// Remembers the keys that are pressed before the scripts that understand them have arrived.
//
// No module, and in the head: on a slow line those come seconds after the first card can be read.

(() => {
  const pressed = [];
  const field = "textarea, select, input:not([type=radio], [type=checkbox])";
  const remember = ({ key, timeStamp, target, ctrlKey, altKey, metaKey }) => {
    if (ctrlKey || altKey || metaKey || target.closest?.(field)) return;
    if (/^[\dne]$/.test(key)) pressed.push({ key, timeStamp });
  };
  document.addEventListener("keydown", remember);
  document.takeEarlyKeys = () => {
    document.removeEventListener("keydown", remember);
    return pressed;
  };
})();
