"""The field that sends a file to the upload door, with its progress, and hands the reply to the page."""

import param

import panel as pn


class UploadField(pn.custom.JSComponent):  # type: ignore[misc]  # Panel ships no types
    """A file field, places to paste cells or type rows, a name for the cases, and a button.

    Plain HTML over one streamed POST; what is pasted or typed goes the way of a file.
    """

    capsule = param.String()
    by = param.String(doc="Who is sending; nothing is sent while it is empty.")
    columns = param.List(
        default=[], doc="What may be typed: name and hint of each column, as dicts."
    )
    archive = param.Boolean(doc="Whether the table names files that come with it.")
    received = param.Dict(default={}, doc="What the upload door answered.")

    _stylesheets = [  # noqa: RUF012  Panel reads it from the class
        """
.upload { font-family: var(--font); font-size: var(--text);
  color: var(--ink); display: flex; flex-wrap: wrap; gap: 14px 20px; align-items: end; }
.upload label { display: block; font-size: var(--small); color: var(--quiet); }
.upload input { display: block; font: inherit; margin-top: 4px; padding: 8px; box-sizing: border-box;
  border: 1px solid var(--field-line); border-radius: var(--round-s); width: 320px; max-width: 100%;
  background: var(--sheet); color: inherit; }
.upload details { flex-basis: 100%; }
.upload summary { cursor: pointer; color: var(--accent); font-size: var(--small); }
.upload textarea { display: block; font: 13px/1.5 ui-monospace, monospace; margin-top: 4px; padding: 8px;
  box-sizing: border-box; width: 660px; max-width: 100%; background: var(--sheet); color: inherit;
  border: 1px solid var(--field-line); border-radius: var(--round-s); }
.upload table { border-collapse: collapse; margin: 4px 0 8px; }
.upload .typed { overflow-x: auto; }
.upload th { font-size: var(--small); font-weight: 600; text-align: left; color: var(--quiet);
  padding: 0 4px 0 0; }
.upload td { padding: 0; }
.upload td input { width: 9.5em; margin: 0; border-radius: 0; }
.upload button.more { background: none; color: var(--accent); border: 1px solid var(--accent); padding: 5px 12px; }
.upload button { font: inherit; font-weight: 500; padding: 9px 18px; border: 0; border-radius: var(--round-s);
  background: var(--accent); color: var(--on-accent); cursor: pointer; }
.upload button:disabled { background: var(--field-line); cursor: default; }
.upload :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.said { flex-basis: 100%; min-height: 1.5em; color: var(--quiet); }
.upload progress { width: 100%; max-width: 660px; height: 10px; accent-color: var(--accent); }
"""
    ]

    _esm = """
function part(tag, inside, set) {
  const made = Object.assign(document.createElement(tag), set)
  inside.append(made)
  return made
}

function field(inside, text, set) {
  const label = part("label", inside, { textContent: text })
  return part("input", label, set)
}

const ROWS = 3

// A small grid with the contract's columns; what is typed in it becomes a CSV file.
function rowsToType(form, columns) {
  const typing = part("details", form, {})
  part("summary", typing, { textContent: "Or type a few rows" })
  const table = part("table", part("div", typing, { className: "typed" }), {})
  const head = part("tr", part("thead", table, {}), {})
  columns.forEach((column) => part("th", head, { scope: "col", textContent: column.name }))
  const body = part("tbody", table, {})
  function addRow() {
    const row = part("tr", body, {})
    columns.forEach((column) => {
      const cell = part("input", part("td", row, {}), { type: "text", placeholder: column.hint })
      cell.setAttribute("aria-label", `${column.name}, row ${body.rows.length}`)
    })
  }
  for (let row = 0; row < ROWS; row++) addRow()
  const more = part("button", typing, { type: "button", className: "more", textContent: "Add a row" })
  more.addEventListener("click", addRow)
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`
  return () => {
    const rows = [...body.rows].map((row) => [...row.querySelectorAll("input")].map((one) => one.value))
    const filled = rows.filter((row) => row.some((cell) => cell.trim()))
    if (!typing.open || !filled.length) return null
    const lines = [columns.map((column) => column.name), ...filled]
    return new File([lines.map((row) => row.map(quoted).join(",")).join("\\n")], "typed.csv")
  }
}

export function render({ model }) {
  const form = Object.assign(document.createElement("form"), { className: "upload" })
  const file = field(form, "Table with your cases and answers", {
    type: "file", name: "file", accept: ".csv,.tsv,.tab,.txt,.xlsx,.xlsm,.xls,.ods,.parquet,.zip" })
  if (model.archive) part("span", file.parentElement, {
    textContent: "packed as one ZIP archive with the files that it names" })
  const name = field(form, "What to call these cases (if you like)", {
    type: "text", name: "name", maxLength: 100 })
  const paste = part("details", form, {})
  part("summary", paste, { textContent: "Or paste cells from a spreadsheet" })
  const cells = part("textarea", part("label", paste, { textContent: "The header and the rows" }), {
    name: "cells", rows: 8, spellcheck: false, placeholder: "Copy the cells there, paste them here" })
  const typed = rowsToType(form, model.columns)
  const button = part("button", form, { type: "submit", textContent: "Check and keep" })
  const said = part("div", form, { className: "said" })
  said.setAttribute("role", "status")

  function say(text) { said.replaceChildren(text) }

  // A name typed just before the click is still on its way through the server.
  function named() {
    if (model.by.trim()) return Promise.resolve(true)
    return new Promise((told) => {
      const late = setTimeout(() => told(false), 2000)
      model.on("by", () => { clearTimeout(late); told(Boolean(model.by.trim())) })
    })
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault()
    if (!await named()) { say("Write your name above first."); return }
    const pasted = paste.open && cells.value.trim() ? new File([cells.value], "pasted.txt") : null
    const chosen = pasted || typed() || file.files[0]
    if (!chosen) { say("Choose a file first, paste your cells, or type them."); return }
    const asked = new URLSearchParams({
      capsule: model.capsule, filename: chosen.name, name: name.value, by: model.by.trim() })
    const request = new XMLHttpRequest()
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 })
    bar.setAttribute("aria-label", "Sending the file")
    said.replaceChildren(bar)
    button.disabled = true
    request.upload.onprogress = (sent) => {
      if (sent.lengthComputable) bar.value = sent.loaded / sent.total
    }
    request.upload.onload = () => say("The file is here. It is being checked …")
    request.onerror = () => {
      button.disabled = false
      say("The file did not arrive. Look at your connection, then send it again.")
    }
    request.onload = () => {
      button.disabled = false
      say("")
      let answer = { accepted: false, sentence: "The app gave no answer. Send the file again." }
      try { answer = JSON.parse(request.responseText) } catch (error) { console.warn(error) }
      model.received = { ...answer, at: Date.now() }
      if (answer.accepted) form.reset()
    }
    request.open("POST", "upload?" + asked)
    request.send(chosen)
  })
  return form
}
"""
