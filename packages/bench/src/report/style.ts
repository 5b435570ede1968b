/** The sheet of the report: colours by role, light and dark. Series colours after Okabe and Ito (colour-blind safe). */
export const style: string = `
:root {
  color-scheme: light dark;
  --edge: #0003; --paper: #fdfdfb; --ink: #1c1d20; --quiet: #65686f; --line: #d9dadd; --panel: #f3f3ef;
  --good: #00785a; --bad: #b4411a; --roof: #1c1d20;
  --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #b3569a; --s4: #9a6b00; --s5: #2f8fc4; --s6: #6b6f76; --s7: #7a4fc9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --edge: #fff3; --paper: #16171a; --ink: #e8e8e4; --quiet: #9c9fa6; --line: #34363b; --panel: #1f2125;
    --good: #4cc9a0; --bad: #f08a5d; --roof: #e8e8e4;
    --s0: #56b4e9; --s1: #f0884a; --s2: #35c496; --s3: #dc8fc4; --s4: #e0b040; --s5: #8fc7ff; --s6: #a9adb5; --s7: #b095f0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums;
}
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .4rem; }
p { margin: .4rem 0; max-width: 46rem; } .quiet { color: var(--quiet); } small { color: var(--quiet); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .6rem; margin: 1rem 0; padding: 0; list-style: none; }
.cards li { background: var(--panel); border-radius: .5rem; padding: .6rem .8rem; }
.cards strong { display: block; font-size: 1.25rem; line-height: 1.3; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .6rem 0; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 1rem 0; } figcaption { color: var(--quiet); font-size: .875rem; max-width: 46rem; }
svg.plot { display: block; width: 100%; height: auto; max-width: 46rem; }
svg text { fill: var(--ink); font: 15px system-ui, sans-serif; } svg .grid { stroke: var(--line); } svg .quiet { fill: var(--quiet); }
svg .roof { stroke: var(--roof); stroke-width: 2; fill: none; }
svg .point { stroke: var(--paper); stroke-width: 1; } svg .curve { fill: none; stroke-width: 2; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 1.5rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; padding: 0; margin: .5rem 0; list-style: none; font-size: .9rem; }
.legend svg { width: .8rem; height: .8rem; margin-right: .35rem; vertical-align: -.08rem; }
.bars { display: grid; grid-template-columns: minmax(8rem, 15rem) 1fr max-content; gap: .3rem .8rem; align-items: center; font-size: .9rem; }
.bars svg { width: 100%; height: 1.1rem; display: block; background: var(--panel); border-radius: .2rem; }
.bars .good { fill: var(--good); } .bars .bad { fill: var(--bad); } .bars .even { fill: var(--quiet); } .bars line { stroke: var(--ink); }
/* A table that is wider than the page scrolls, and says so: a bar that stays, and a shadow where it goes on. */
.scroll {
  overflow-x: auto; margin: .5rem 0; scrollbar-width: thin; scrollbar-color: var(--quiet) var(--panel);
  background: linear-gradient(to right, var(--paper) 1.5rem, transparent) 0 0 / 3rem 100% local no-repeat,
    linear-gradient(to left, var(--paper) 1.5rem, transparent) 100% 0 / 3rem 100% local no-repeat,
    linear-gradient(to right, var(--edge), transparent) 0 0 / 1rem 100% scroll no-repeat,
    linear-gradient(to left, var(--edge), transparent) 100% 0 / 1rem 100% scroll no-repeat;
}
.scroll::-webkit-scrollbar { height: .6rem; } .scroll::-webkit-scrollbar-track { background: var(--panel); }
.scroll::-webkit-scrollbar-thumb { background: var(--quiet); border-radius: .3rem; }
table { border-collapse: collapse; font-size: .8rem; width: 100%; }
th, td { padding: .3rem .45rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 600; white-space: normal; vertical-align: bottom; } th.text, td.text { text-align: left; }
td.wrap { white-space: normal; overflow-wrap: anywhere; min-width: 5.5rem; }
td:first-child, th:first-child { position: sticky; left: 0; background: var(--paper); }
.scroll td:first-child, .scroll th:first-child { box-shadow: 1px 0 var(--line); }
.good { color: var(--good); } .bad { color: var(--bad); }
.bar { display: contents; }
@media (max-width: 36rem) {
  .bars { display: block; } .bar { display: grid; grid-template-columns: 1fr max-content; gap: 0 .6rem; margin-bottom: .5rem; }
  .bar svg { grid-column: 1 / -1; grid-row: 2; }
  svg text { font-size: 20px; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; }
}
`;
