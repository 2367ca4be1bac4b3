"""How the report looks: black on white, on a screen and on A4 paper, without anything from outside."""

STYLE = """
:root { color-scheme: light; }
body { margin: 0; background: #fff; color: #1f2a37; font: 15px/1.5 "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
main { max-width: 880px; margin: 0 auto; padding: 32px 24px 64px; }
header { border-bottom: 2px solid #0b5c7d; margin-bottom: 24px; }
header p:first-child { margin: 0; color: #0b5c7d; font-weight: 600; }
h1 { font-size: 28px; line-height: 1.25; margin: 0 0 8px; font-weight: 600; }
h2 { font-size: 20px; margin: 32px 0 4px; font-weight: 600; border-bottom: 1px solid #d5dbe1; padding-bottom: 4px; }
h3 { font-size: 15px; margin: 16px 0 4px; }
p { margin: 0 0 8px; max-width: 80ch; }
.headline { font-size: 20px; line-height: 1.4; font-weight: 600; margin-top: 12px; }
.quiet { color: #55616f; font-size: 14px; overflow-wrap: anywhere; }
.items { color: #55616f; font-size: 13px; }
ul { margin: 4px 0 8px; padding-left: 20px; }
li { max-width: 80ch; margin-bottom: 2px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 8px 0; }
dt { color: #44505d; font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
dl.hashes dd { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 13px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; margin: 8px 0 12px; }
th { text-align: left; color: #44505d; border-bottom: 2px solid #d5dbe1; padding: 5px 12px 5px 0;
  vertical-align: bottom; }
td { border-bottom: 1px solid #e6eaee; padding: 5px 12px 5px 0; vertical-align: top;
  overflow-wrap: break-word; max-width: 48ch; }
figure { margin: 16px 0; max-width: 640px; }
figcaption { font-weight: 600; margin-bottom: 8px; }
/* A system's letters may be wider than those the picture was measured with. */
figure svg { max-width: 100%; height: auto; overflow: visible; }
@page { size: A4; margin: 18mm 16mm; }
@media print {
  body { font-size: 11pt; }
  main { max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  tr, figure, dl > * { break-inside: avoid; }
  thead { display: table-header-group; }
  a::after { content: " (" attr(href) ")"; font-size: 9pt; overflow-wrap: anywhere; }
}
"""
