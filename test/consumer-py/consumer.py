#!/usr/bin/env python3
"""A consumer of one venue's ledger, written from the published contract alone.

Stores every event, holds the chain, gives a signed receipt for what it has without a gap, checks the gateway's
checkpoints, orders what standard input names (a line of JSON: the command's own members), and at the end of standard
input says what it holds and what is not right with it. Says on standard output, one JSON object a line.
"""

import argparse
import json
import queue
import sys
import threading
import time
import uuid

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from charges import audit
from ledger import Ledger
from tokens import Refused, Signer, gateway_key, strict_json, verified

# A backlog is answered by a few receipts, each of which stands for all before it.
RECEIPT_EVERY_S = 0.05
RECONNECT_AFTER_S = 0.2
SESSION_S = 24 * 3600


def say(**what):
    print(json.dumps(what), flush=True)


class Consumer:
    def __init__(self, options):
        self.options = options
        self.venue = options.venue
        self.base = f"genkan/v1/{options.venue}"
        self.ledger = Ledger(options.store, options.venue)
        self.signer = Signer(options.key, options.kid)
        self.gateway_keys = [gateway_key(options.gateway_key)] if options.gateway_key else []
        self.owed = set()
        self.receipts = {}
        self.last_receipt = 0.0
        self.vouched = {}
        self.refused = []
        self.client = mqtt.Client(client_id=f"consumer-{options.venue}", protocol=mqtt.MQTTv5)
        self.client.on_connect = self.connected
        self.client.on_message = self.heard

    def connect(self):
        session = Properties(PacketTypes.CONNECT)
        session.SessionExpiryInterval = SESSION_S
        host, port = self.options.host, self.options.port
        try:
            self.client.connect(host, port, keepalive=20, clean_start=False, properties=session)
        except OSError:
            time.sleep(RECONNECT_AFTER_S)

    def connected(self, client, *_):
        topics = ("events", "requests", "checkpoints", "command-results/#")
        client.subscribe([(f"{self.base}/{topic}", mqtt.SubscribeOptions(qos=1)) for topic in topics])
        # Whatever the broker had of them may be gone with it.
        self.receipts.clear()
        self.owed.update(self.ledger.epochs())

    def heard(self, _client, _userdata, message):
        topic = message.topic.removeprefix(f"{self.base}/")
        try:
            if topic == "events":
                self.owed.add(self.ledger.take(message.payload))
            elif topic == "requests":
                request = strict_json(message.payload)
                if request["need"] == "receipt":
                    epoch = request["have"]["epoch"]
                    self.owed.add(epoch)
                    self.receipts.pop(epoch, None)
            elif topic == "checkpoints":
                claims = verified(message.payload.decode(), "journal-checkpoint+jwt", self.gateway_keys)
                if claims["venue"] != self.venue:
                    raise Refused("venue: another")
                self.vouched[claims["epoch"], claims["seq"]] = claims["head"]
            else:
                say(answer=strict_json(message.payload))
        except (Refused, KeyError, TypeError, UnicodeDecodeError) as why:
            self.refused.append(f"{topic}: {why}")

    def give_receipts(self):
        """Signs for what is on disk. Called often; says what has changed, or was asked for."""
        if not self.owed or time.monotonic() < self.last_receipt + RECEIPT_EVERY_S:
            return
        self.last_receipt = time.monotonic()
        for epoch in sorted(self.owed - self.ledger.disputed - {None}):
            seq, head = self.ledger.head(epoch)
            if self.receipts.get(epoch) == seq:
                continue
            self.receipts[epoch] = seq
            claims = {"venue": self.venue, "epoch": epoch, "seq": seq, "head": head.hex(), "iat": int(time.time())}
            token = self.signer.sign("custody-receipt+jwt", claims)
            self.client.publish(f"{self.base}/receipts", token, qos=1, retain=True)
            say(receipt=claims)
        self.owed.clear()

    def order(self, members):
        """Publishes a signed command; it may open something, so it lives ten seconds."""
        now = int(time.time())
        claims = {"jti": str(uuid.uuid4()), "iat": now, "exp": now + 10, "aud": self.venue, **members}
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic = f"{self.base}/command-results/consumer"
        token = self.signer.sign("door-command+jwt", claims)
        self.client.publish(f"{self.base}/commands", token, qos=1, properties=properties)
        say(ordered=claims["jti"])

    def report(self):
        with open(self.options.sold, encoding="utf8") as file:
            bill, wrong = audit(self.ledger.events(), json.load(file))
        return {**self.ledger.report(self.vouched), "refused": self.refused, "bill": bill, "wrongCharges": wrong}

    def run(self):
        orders = queue.Queue()
        threading.Thread(target=read_orders, args=(orders,), daemon=True).start()
        while True:
            if self.client.loop(timeout=0.02) != mqtt.MQTT_ERR_SUCCESS:
                self.connect()
            self.give_receipts()
            while not orders.empty():
                members = orders.get()
                if members is None:
                    return say(report=self.report())
                self.order(members)


def read_orders(orders):
    for line in sys.stdin:
        orders.put(json.loads(line))
    orders.put(None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--venue", required=True)
    parser.add_argument("--store", required=True, help="file of the common store")
    parser.add_argument("--key", required=True, help="the cloud's private key, Ed25519, PEM")
    parser.add_argument("--kid", required=True, help="the name of that key in the gateway's configuration")
    parser.add_argument("--sold", required=True, help="the reservations sold, JSON by id")
    parser.add_argument("--gateway-key", help="the gateway's public key, a JWK; without it no checkpoint is believed")
    Consumer(parser.parse_args()).run()
