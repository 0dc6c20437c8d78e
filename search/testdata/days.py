"""Writes days.txt: the first moment of days on which clocks skip or repeat midnight, by Python's zoneinfo."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

DAYS = [
    ("America/Santiago", "2026-09-06"), ("America/Santiago", "2026-04-05"), ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2026-10-30"), ("Asia/Beirut", "2026-03-29"), ("Asia/Beirut", "2026-10-25"),
    ("America/Havana", "2026-03-08"), ("America/Havana", "2026-11-01"), ("Europe/Berlin", "2026-03-29"),
    ("America/New_York", "2026-11-01"), ("Asia/Kathmandu", "2026-05-01"), ("Australia/Lord_Howe", "2026-10-04"),
]
for zone, day in DAYS:
    d = date.fromisoformat(day)
    t = datetime(d.year, d.month, d.day, tzinfo=timezone.utc) - timedelta(hours=16)
    while t.astimezone(ZoneInfo(zone)).date() < d:  # minute by minute
        t += timedelta(minutes=1)
    print(zone, day, t.strftime("%Y-%m-%dT%H:%M:%SZ"))
