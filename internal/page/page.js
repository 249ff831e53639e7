"use strict";
{
  const data = JSON.parse(document.getElementById("data").textContent);
  const dialog = document.getElementById("detail");
  const matrix = document.getElementById("matrix");
  const filters = document.getElementById("filters");

  // Texts of policies are somebody else's: they become text, never markup.
  const element = (name, text, className) => {
    const e = document.createElement(name);
    if (text) e.textContent = text;
    if (className) e.className = className;
    return e;
  };

  const showDocument = (link) => {
    const d = data.documents[link.document];
    const box = element("details", "", "document");
    box.append(element("summary", d.title));
    for (const s of d.statements) {
      const deciding = s.label === link.statement;
      const text = element("pre", s.text, deciding ? "deciding" : "");
      if (deciding) text.setAttribute("aria-label", "the statement that decides: " + s.label);
      box.append(text);
    }
    box.open = Boolean(link.statement);
    return box;
  };

  const showLink = (link) => {
    const item = element("li", "", link.verdict);
    const head = element("p");
    head.append(element("span", link.layer, "layer"), element("span", " " + link.service + ", " + link.action + ": " + link.verdict));
    item.append(head, element("p", link.text));
    if (link.document >= 0) item.append(showDocument(link));
    for (const s of link.suggestion || []) {
      item.append(element("p", "Enough in this layer:"), element("pre", s));
    }
    return item;
  };

  const open = (id) => {
    const a = data.answers[id];
    document.getElementById("detail-title").textContent =
      a.who + ": " + a.try + ", " + a.place + ", " + (a.allowed ? "allowed" : "refused");
    const body = document.getElementById("detail-body");
    const chain = element("ol", "", "chain");
    chain.append(...a.chain.map(showLink));
    body.replaceChildren(
      element("p", a.arn), element("p", "Declared: " + a.declared + ". Verdict: " + a.verdict + ". S3: " + a.s3 + ", KMS: " + a.kms + "."), chain);
    for (const u of a.assumed || []) {
      body.append(element("p", "Not proven, as it was not read: " + u.part + " of " + (u.arn || "account " + u.account) + ": " + u.why));
    }
    dialog.showModal();
    const deciding = dialog.querySelector(".deciding");
    if (deciding) deciding.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-answer]");
    if (cell) open(Number(cell.dataset.answer));
    if (event.target === dialog) dialog.close();
  });

  // The matrix is one stop of the Tab key; arrow keys, Home and End move within it.
  const rows = [...matrix.tBodies[0].rows];
  const cellsOf = (row) => [...row.querySelectorAll("[data-answer]")];
  let current;
  const settle = (cell) => {
    if (current) current.tabIndex = -1;
    current = cell;
    if (cell) cell.tabIndex = 0;
  };
  matrix.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-answer]")) settle(event.target);
  });
  matrix.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[data-answer]");
    if (!cell) return;
    const visible = rows.filter((row) => !row.hidden);
    const row = cell.closest("tr");
    const cells = cellsOf(row);
    const down = visible[visible.indexOf(row) + 1], up = visible[visible.indexOf(row) - 1];
    const under = (other) => {
      if (!other) return undefined;
      return other.querySelector('[data-operation="' + cell.dataset.operation + '"]') || cellsOf(other)[0];
    };
    const next = {
      ArrowRight: cells[cells.indexOf(cell) + 1], ArrowLeft: cells[cells.indexOf(cell) - 1],
      ArrowDown: under(down), ArrowUp: under(up), Home: cells[0], End: cells[cells.length - 1],
    }[event.key];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });

  const filter = () => {
    const f = filters.elements;
    const who = f.who.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const able = !f.operation.value || row.querySelector('.yes[data-operation="' + f.operation.value + '"]');
      row.hidden = !(row.dataset.who.toLowerCase().includes(who) && (!f.role.value || row.dataset.role === f.role.value) &&
        (!f.place.value || row.dataset.place === f.place.value) && able && (!f.surprises.checked || "surprise" in row.dataset));
      if (!row.hidden) shown++;
    }
    f.count.value = shown + " of " + rows.length + " rows";
    if (!current || current.closest("tr").hidden) settle(cellsOf(rows.find((row) => !row.hidden) || matrix)[0]);
  };
  filters.addEventListener("input", filter);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filter();
}
