// What a program on tsdav does with a calendar: finds it, books in it, changes, follows, cancels.
import { readFileSync } from "node:fs";

const [modulePath] = process.argv.slice(2);
const { server, user, secret, room, event, moved } = JSON.parse(readFileSync(0, "utf8"));
const { createDAVClient } = await import(modulePath);
const told = {};

const client = await createDAVClient({
  serverUrl: server,
  credentials: { username: user, password: secret },
  authMethod: "Basic",
  defaultAccountType: "caldav",
});
const calendars = await client.fetchCalendars();
told.calendars = calendars.map((each) => [each.displayName, each.components]).sort();
const calendar = calendars.find((each) => each.displayName === room);
const titles = async (timeRange) =>
  (await client.fetchCalendarObjects({ calendar, timeRange }))
    .map((each) => /SUMMARY:(.*)/.exec(each.data)?.[1].trim())
    .sort();
const day = { start: "2027-03-11T00:00:00Z", end: "2027-03-12T00:00:00Z" };
const later = { start: "2027-03-12T00:00:00Z", end: "2027-03-13T00:00:00Z" };

told.before = await titles(day);
const first = await client.syncCollection({
  url: calendar.url,
  props: { "d:getetag": {} },
  syncLevel: 1,
  syncToken: calendar.syncToken,
});
told.unchanged = first.filter((each) => each.href && each.props?.getetag).length;

const made = await client.createCalendarObject({
  calendar,
  filename: "tsdav.ics",
  iCalString: event,
});
told.made = made.status;
told.with = await titles(day);

const own = async () =>
  (await client.fetchCalendarObjects({ calendar, timeRange: day })).find((each) =>
    each.data.includes("SUMMARY:Atelier"),
  );
const stored = await own();
const changed = await client.updateCalendarObject({
  calendarObject: { url: stored.url, data: moved, etag: stored.etag },
});
told.changed = changed.status;
told.moved = [await titles(day), await titles(later)];
const stale = await client.updateCalendarObject({
  calendarObject: { url: stored.url, data: event, etag: stored.etag },
});
told.stale = stale.status;

const synced = await client.smartCollectionSync({
  collection: { ...calendar, objects: [stored], objectMultiGet: client.calendarMultiGet },
  method: "webdav",
  detailedResult: true,
});
told.synced = Object.fromEntries(
  ["created", "updated", "deleted"].map((each) => [each, synced.objects[each].length]),
);

const expired = await client.syncCollection({
  url: calendar.url,
  props: { "d:getetag": {} },
  syncLevel: 1,
  syncToken: `${calendar.syncToken}9999`,
});
told.expired = expired.map((each) => each.status);

const current = (await client.fetchCalendarObjects({ calendar, timeRange: later })).find((each) =>
  each.data.includes("SUMMARY:Atelier"),
);
const gone = await client.deleteCalendarObject({
  calendarObject: { url: current.url, etag: current.etag },
});
told.gone = gone.status;
told.after = await titles(later);
console.log(JSON.stringify(told));
