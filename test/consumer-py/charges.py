"""What a reservation costs (rule set WORKUS-2023-05), computed anew from what was sold and what the door stamped.

As a command: charge requests on standard input, one JSON object a line; on standard output what `charge` says of each.
"""

import json
import sys
from datetime import datetime, timedelta, timezone

from tokens import strict_json

UNIT_MS = 30 * 60_000
DAY_MS = 24 * 3600_000
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def instant(text):
    """Epoch milliseconds of an RFC 3339 text; None of None."""
    return None if text is None else (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


def units(from_ms, to_ms):
    """Units that begin strictly before `to_ms`, at least one."""
    return max(1, -((from_ms - to_ms) // UNIT_MS))


def charge(terms):
    """A charge request of the contract as (rule, units before the cap, units, yen)."""
    policy = terms.get("policy", {})
    start, end = instant(terms["reservation"]["start"]), instant(terms["reservation"]["end"])
    cancelled = instant(terms["reservation"].get("cancelledAt"))
    closing = instant(terms["closing"])
    grain_ms = 1_000 if policy.get("stamp") == "second" else 60_000

    def stamp(text):
        return None if text is None else instant(text) // grain_ms * grain_ms

    came, left = stamp(terms["checkIn"]), stamp(terms["checkOut"])
    is_seat, is_h1t = terms["space"] == "seat", terms["venue"] == "h1t"
    reserved = units(start, end)
    deadline = start - policy.get("cancelDeadlineMinutes", 0) * 60_000
    # A day that was shortened after the booking closes before the end; a check-out may come until the end then.
    forgotten = left is None or (closing is not None and left > max(closing, end))

    if cancelled is not None and cancelled < deadline and came is None:
        rule, count = "cancelled", 0
    elif came is None and left is None:
        rule, count = "no-show-reserved", reserved
    elif forgotten and not is_seat:
        rule, count = "forgotten-room-reserved", reserved
    elif forgotten and closing is None:
        by_cutoff = units(start, start + DAY_MS) if policy.get("forgottenCutoff") == "24-hours" else 0
        rule, count = "forgotten-no-closing", max(reserved, by_cutoff)
    elif forgotten:
        rule, count = "forgotten-seat-to-closing", max(reserved, units(start, closing))
    elif left == end:
        rule, count = "reserved", reserved
    elif left < end and is_h1t and (is_seat or policy.get("h1tRoomShorten", True)):
        # A unit that begins at the check-out counts here, as printed, and nowhere else.
        rule, count = "h1t-shortened", min(reserved, max(1, (left - start) // UNIT_MS + 1))
    elif left < end:
        rule, count = "early-checkout-reserved", reserved
    elif is_seat:
        rule, count = "late-seat", max(reserved, units(start, left))
    else:
        rule, count = "late-room-reserved", reserved
    return (rule, count, *capped(terms, count, is_seat or policy.get("capRooms", False)))


def capped(terms, count, has_cap):
    """Units and yen under the cap: its yen bound the amount; its minutes bound the units, or where it has none its yen."""
    cap, price = terms["cap"] or {}, terms["yenPer30Min"]
    if has_cap and "minutes" in cap:
        count = min(count, cap["minutes"] // 30)
    yen = count * price
    if has_cap and "yen" in cap and cap["yen"] < yen:
        if "minutes" not in cap:
            count = -(-cap["yen"] // price)
        yen = cap["yen"]
    return count, yen


def audit(events, sold):
    """Every stay's charge in force, held against the reservations sold: (bill by stay, what is not right).

    `events` in order, as the ledger gives them; `sold` by id: start, end, space, yenPer30Min, cap, venue.
    """
    stays, bill, wrong = {}, {}, []
    for _, _, name, body in events:
        data = strict_json(body)["data"]
        stay = data.get("stay")
        stamps = stays.setdefault(stay, {"checkIn": None, "checkOut": None})
        if name == "stay.checked-in":
            stamps["checkIn"] = data["checkIn"]
        elif name == "stay.checked-out":
            stamps["checkOut"] = data["checkOut"]
        elif name == "stay.corrected":
            stamps.update({which: data[which] for which in stamps if data[which] is not None})
        elif name == "stay.voided":
            bill.pop(stay, None)
        elif name in ("charge.computed", "charge.superseded"):
            told = data["charge"] if name == "charge.computed" else data["after"]
            if name == "charge.computed" and stay in bill:
                wrong.append(f"{stay}: charged twice")
            if name == "charge.superseded" and bill.get(stay) != data["before"]["yen"]:
                wrong.append(f"{stay}: superseded is not what was in force")
            bill[stay] = told["yen"]
            terms = sold.get(data["reservation"])
            if terms is None:
                wrong.append(f"{stay}: a reservation that nobody sold")
                continue
            tariff = told["tariff"]
            request = {
                **{member: terms[member] for member in ("venue", "space", "yenPer30Min", "cap")},
                "reservation": {"start": terms["start"], "end": terms["end"]},
                **stamps,
                "closing": tariff["closing"],
                "policy": tariff["policy"],
            }
            ours = charge(request)
            theirs = (told["rule"], told["unitsBeforeCap"], told["units"], told["yen"])
            if ours != theirs:
                wrong.append(f"{stay}: {theirs} and not {ours}")
    return bill, wrong


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(charge(json.loads(line))))
