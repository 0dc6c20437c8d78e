#!/usr/bin/env python3
"""Writes zones.txt: what texts of times mean in time zones, by Python's zoneinfo, which shares no code with
package search. Run it again after a change: ./zones.py > zones.txt

A line is: zone, time now (RFC 3339, UTC), text, meaning (RFC 3339, UTC; "skipped" for a time that clocks skip).
"""
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

UTC = timezone.utc

# A time now in each zone, mostly within a day or two of a clock change.
ZONES = {
    "America/Santiago": "2026-09-07T15:00:00",  # midnight of 6 September is skipped
    "Africa/Cairo": "2026-04-25T12:00:00",  # midnight of 24 April is skipped
    "Asia/Beirut": "2026-03-30T09:30:00",  # midnight of 29 March is skipped
    "America/Havana": "2026-03-09T12:00:00",  # midnight of 8 March is skipped
    "Europe/Berlin": "2026-10-26T08:00:00",  # 02:00 to 03:00 of 25 October occurs twice
    "America/New_York": "2026-03-08T18:00:00",  # 02:00 to 03:00 is skipped
    "Australia/Lord_Howe": "2026-04-05T03:00:00",  # back by half an hour
    "Asia/Kolkata": "2026-12-01T19:00:00",
    "Pacific/Apia": "2026-01-01T09:00:00",
    "Pacific/Chatham": "2026-09-27T12:00:00",  # 02:45 to 03:45 is skipped
    "Africa/Casablanca": "2026-02-16T12:00:00",  # one hour back for Ramadan on 15 February
    "UTC": "2026-12-31T23:59:59",
}

DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def exists(at, zone):
    """The earliest instant at which clocks show at, None if they skip it."""
    first = at.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = at.replace(tzinfo=zone, fold=1).astimezone(UTC)
    right = [u for u in (first, second) if u.astimezone(zone).replace(tzinfo=None) == at]
    return min(right) if right else None


def first_moment(day, zone):
    """The first instant of a day, found second by second from 12 hours before noon of UTC's day on."""
    at = datetime.combine(day, time(), UTC) - timedelta(hours=36)
    low, high = at, at + timedelta(hours=72)
    while high - low > timedelta(seconds=1):  # dates of a zone only grow here
        middle = low + timedelta(seconds=int((high - low).total_seconds() // 2))
        if middle.astimezone(zone).date() >= day:
            high = middle
        else:
            low = middle
    return high


def texts(now, zone):
    today = now.astimezone(zone).date()
    yesterday = today - timedelta(days=1)
    yield "today", first_moment(today, zone)
    yield "yesterday", first_moment(yesterday, zone)
    for back in (1, 3, 6):
        day = today - timedelta(days=back)
        yield DAYS[day.weekday()], first_moment(day, zone)
    yield yesterday.isoformat(), first_moment(yesterday, zone)
    yield "yesterday 24:00", first_moment(today, zone)
    yield (yesterday - timedelta(days=1)).isoformat() + " 24:00", first_moment(yesterday, zone)
    for clock in ("00:00", "00:30", "01:30", "02:15", "02:45", "23:30"):
        yield "yesterday " + clock, exists(datetime.combine(yesterday, time.fromisoformat(clock)), zone)
    for clock in ("01:45", "02:30", "03:00"):
        yield today.isoformat() + " " + clock, exists(datetime.combine(today, time.fromisoformat(clock)), zone)
    yield "90min ago", now - timedelta(minutes=90)
    yield "1d ago", now - timedelta(hours=24)
    yield "12:34:56", exists(datetime.combine(today, time(12, 34, 56)), zone)
    yield yesterday.isoformat() + "T12:00:00+02:00", datetime.combine(yesterday, time(10), UTC)


for name, text in ZONES.items():
    zone, now = ZoneInfo(name), datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text, at in texts(now, zone):
        print(name, now.strftime("%Y-%m-%dT%H:%M:%SZ"), text, at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else "skipped", sep="\t")
