// Reads a calendar from stdin with ical.js: what it warns of, and what takes place in a window.
// node ical_js.mjs MODULE SINCE UNTIL  (epoch seconds) -> {"warnings": [...], "occurrences": [...]}
import { readFileSync } from "node:fs";

const [module, since, until] = process.argv.slice(2);
const { default: ICAL } = await import(module);
ICAL.design.strict = true;
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const warnings = [];
const occurrences = [];

function look(component) {
  for (const property of component.getAllProperties()) {
    const isOwn = property.name.startsWith("x-");
    if (property.type === "unknown" && !isOwn && property.name !== "name") warnings.push(property.name);
    property.getValues(); // reads each of them
  }
  component.getAllSubcomponents().forEach(look);
}
look(calendar);

for (const each of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(each);

const seconds = (time) => time.toJSDate().getTime() / 1000;
function add(item, start, end) {
  if (item.component.getFirstPropertyValue("status") === "CANCELLED") return;
  occurrences.push([item.uid, seconds(start), seconds(end), item.summary]);
}

const byUid = new Map();
for (const each of calendar.getAllSubcomponents("vevent")) {
  const event = new ICAL.Event(each, { exceptions: [] }); // by itself it takes those of all other events
  if (!byUid.has(event.uid)) byUid.set(event.uid, { masters: [], changes: [] });
  byUid.get(event.uid)[event.isRecurrenceException() ? "changes" : "masters"].push(event);
}
for (const [uid, { masters, changes }] of byUid) {
  if (masters.length !== 1) warnings.push(`${uid} has ${masters.length} masters`);
  const [master] = masters;
  if (!master.isRecurring()) {
    add(master, master.startDate, master.endDate);
    continue;
  }
  changes.forEach((each) => master.relateException(each));
  const dates = master.iterator();
  for (let next = dates.next(); next; next = dates.next()) {
    const found = master.getOccurrenceDetails(next);
    if (seconds(found.recurrenceId) > Number(until)) break;
    add(found.item, found.startDate, found.endDate);
  }
}
const within = occurrences.filter(([, start]) => start >= since && start < until);
console.log(JSON.stringify({ warnings, occurrences: within }));
