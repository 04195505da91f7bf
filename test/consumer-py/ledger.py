"""The common store: every event of a venue's epochs as its published bytes, in order by number, and their chain."""

import hashlib
import re
import sqlite3

from tokens import Refused, strict_json

SOURCE = re.compile(r"/venues/([a-z0-9-]+)/gateways/[a-z0-9-]+\Z")
TYPE = re.compile(r"genkan\.([a-z.-]+)\.v1\Z")

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
  epoch TEXT, seq INTEGER, name TEXT, body BLOB NOT NULL, PRIMARY KEY (epoch, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heads (epoch TEXT PRIMARY KEY, seq INTEGER NOT NULL, head BLOB NOT NULL) WITHOUT ROWID;
"""


def first_head(epoch):
    return hashlib.sha256(b"genkan-ledger-v1:" + epoch.encode()).digest()


def next_head(head, body):
    return hashlib.sha256(head + hashlib.sha256(body).digest()).digest()


def read_event(body, venue):
    """The event of some published bytes, with its place: (event, epoch, seq, name). Unknown members stay.

    Raises Refused, naming what is not as the contract says.
    """
    event = strict_json(body)
    try:
        of, epoch, number = event["id"].split(":")
        seq = int(number)
        source, name = SOURCE.match(event["source"]), TYPE.match(event["type"])
    except (KeyError, ValueError, AttributeError, TypeError):
        raise Refused("event: no id, source or type of the contract") from None
    if of != venue or source is None or source[1] != venue:
        raise Refused("source: another venue's")
    if not re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", epoch) or seq < 1 or number != str(seq):
        raise Refused("id: not venue, epoch and number")
    if event.get("sequence") != f"{seq:012d}" or event.get("specversion") != "1.0" or name is None:
        raise Refused("sequence: not the number of the id")
    if not isinstance(event.get("data"), dict):
        raise Refused("data: not an object")
    return event, epoch, seq, name[1]


class Ledger:
    """What is stored is stored for good; what comes again is counted, what contradicts it is told."""

    def __init__(self, file, venue):
        self.venue = venue
        self.duplicates = 0
        self.conflicts = []
        # Epochs in which two events claim one number: no receipt is given for them any more.
        self.disputed = set()
        self.rejected = []
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(SCHEMA)

    def take(self, body):
        """Stores an event. The epoch whose chain may have grown by it, or None. On return it is on disk."""
        try:
            _, epoch, seq, name = read_event(body, self.venue)
        except Refused as why:
            self.rejected.append(str(why))
            return None
        db = self._db
        held = db.execute("SELECT body FROM events WHERE epoch = ? AND seq = ?", (epoch, seq)).fetchone()
        if held is not None:
            if held[0] == body:
                self.duplicates += 1
                return epoch
            self.conflicts.append(f"{epoch}:{seq}")
            self.disputed.add(epoch)
            return None
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO events VALUES (?, ?, ?, ?)", (epoch, seq, name, body))
        at, head = self.head(epoch)
        grown = db.execute("SELECT seq, body FROM events WHERE epoch = ? AND seq > ? ORDER BY seq", (epoch, at))
        for number, next_body in grown.fetchall():
            if number != at + 1:
                break
            at, head = number, next_head(head, next_body)
        db.execute("INSERT OR REPLACE INTO heads VALUES (?, ?, ?)", (epoch, at, head))
        db.execute("COMMIT")
        return epoch

    def head(self, epoch):
        """Highest number up to which nothing is missing, and the chain's head there."""
        row = self._db.execute("SELECT seq, head FROM heads WHERE epoch = ?", (epoch,)).fetchone()
        return row or (0, first_head(epoch))

    def epochs(self):
        return [epoch for (epoch,) in self._db.execute("SELECT epoch FROM heads ORDER BY epoch")]

    def events(self):
        """(epoch, seq, name, body) in order."""
        return self._db.execute("SELECT epoch, seq, name, body FROM events ORDER BY epoch, seq").fetchall()

    def report(self, vouched):
        """What is held, and what is not right with it.

        `vouched`: heads by (epoch, seq), as the gateway's checkpoints say they are.
        """
        events = self.events()
        wrong_heads, heads, missing = [], {}, 0
        for epoch, seq, _, body in events:
            at, head = heads.get(epoch, (0, first_head(epoch)))
            missing += seq - at - 1
            heads[epoch] = seq, head = seq, next_head(head, body)
            if vouched.get((epoch, seq), head.hex()) != head.hex():
                wrong_heads.append(f"{epoch}:{seq}")
        return {
            "stored": len(events),
            "missing": missing,
            "duplicates": self.duplicates,
            "conflicts": self.conflicts,
            "rejected": self.rejected,
            "checkpoints": len(vouched),
            "wrongHeads": wrong_heads,
        }
