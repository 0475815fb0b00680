const find = document.getElementById("find");
find.addEventListener("input", () => {
  const words = find.value.toLowerCase().split(/\s+/);
  for (const row of document.querySelectorAll("tr[data-level]")) row.hidden = !words.every((w) => row.textContent.toLowerCase().includes(w));
});
