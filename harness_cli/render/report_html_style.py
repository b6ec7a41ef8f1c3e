"""What the page of a report has beside the style of all pages: its cards, its map, its counts."""

from typing import Final

STYLE: Final = """
.warning{border:1.5px solid var(--odd);border-radius:8px;padding:4px 16px 8px;margin-top:1.5em}
.warning h2{margin:.5em 0 .2em}
details{border:1px solid var(--line);border-radius:8px;margin:8px 0;padding:8px 14px}
details.card{border-left:4px solid var(--line)}
details.critical{border-left-color:var(--critical)}
details.high{border-left-color:var(--high)}
details.medium{border-left-color:var(--medium)}
details.low{border-left-color:var(--low)}
summary{cursor:pointer;overflow-wrap:anywhere}
.where{display:block;margin-top:2px;font-size:.9rem}
.chain td:nth-child(-n+3){white-space:nowrap}
.chain small{font-family:ui-monospace,monospace;font-size:.75rem}
.chain .digest small{display:block;max-width:20rem}
.counts{columns:13rem;column-gap:24px;list-style:none;padding:0;font-size:.875rem}
.counts li{margin:0;padding:2px 0;break-inside:avoid}
.map{display:none}
@media screen and (max-width:760px){.picture{display:none}.map{display:block}}
@media print{.tall{display:none}.tall+.map{display:block}}
svg{max-width:100%;height:auto;display:block}
svg text{font:13px system-ui,sans-serif;fill:var(--ink)}
svg .word{font-size:12px;font-weight:600}
svg rect{fill:var(--box);stroke:var(--line);stroke-width:1.25}
svg path{fill:none;stroke:var(--line);stroke-width:1.5}
svg .critical rect{stroke:var(--critical);stroke-width:2}
svg .critical .word{fill:var(--critical)}
svg .high rect{stroke:var(--high);stroke-width:2}
svg .high .word{fill:var(--high)}
svg .medium rect{stroke:var(--medium)}
svg .medium .word{fill:var(--medium)}
svg .low rect{stroke:var(--low)}
svg .low .word{fill:var(--low)}
svg .passed rect{stroke:var(--passed)}
svg .passed .word{fill:var(--passed)}
svg .odd .word{fill:var(--soft)}
@media print,(max-width:940px){.lines thead,.lines br{display:none}.lines,.lines tbody,.lines tr{display:block}
.lines tr{padding:2px 0 2px 1.2em;text-indent:-1.2em}.lines td{display:inline;border:0;padding:0}
.lines td:not(:first-child):not(:empty)::before{content:" · "}
.chain td:nth-child(2){white-space:normal}.chain .digest small{display:inline}}
@media print{details{border:0;border-top:1px solid var(--line);border-radius:0;margin:0;padding:1mm 0 1mm 2mm}
details::details-content{content-visibility:visible;display:block;block-size:auto}
summary{list-style:none;break-after:avoid;break-inside:avoid}.where{display:inline;font-size:8pt}
.card .digest,.card .again{display:none}.chain small{font:inherit}.lines tr{padding:0 0 0 1.2em}
.mend,.controls{display:inline}svg{max-height:110mm}.warning{margin-top:2mm;padding:0 3mm 1mm}
.counts{columns:4;column-gap:4mm;font-size:8pt}.counts li{padding:0}}
""".strip()
