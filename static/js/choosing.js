// "Choose all" and "Choose none" without a new page, so that what was typed stays; counts what is chosen.

for (const place of document.querySelectorAll("[data-choose-all]")) {
  const boxes = [...place.querySelectorAll("input[type=checkbox]")];
  const words = place.querySelector("[data-chosen]");
  const tell = () => {
    const count = boxes.filter((box) => box.checked).length;
    words.textContent = count ? `${count} chosen` : "";
  };
  for (const link of place.querySelectorAll("[data-choose]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      for (const box of boxes) box.checked = link.dataset.choose === "all";
      tell();
    });
  }
  place.addEventListener("change", tell);
  tell();
}
