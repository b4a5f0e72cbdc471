"""Two python-socketio clients meet in a room and signal to each other; prints what each of them saw as JSON."""
import json
import queue
import sys

import socketio

TIMEOUT_SECONDS = 10
EVENTS = ["room-joined", "user-joined", "user-left", "offer", "answer", "ice-candidate", "error"]


class Guest:
    def __init__(self, server_url, token, transports):
        self.events = queue.Queue()
        self.client = socketio.Client(reconnection=False)
        for name in EVENTS:
            self.client.on(name, lambda data, name=name: self.events.put([name, data]))
        self.client.connect(server_url, auth={"token": token}, transports=transports, wait_timeout=TIMEOUT_SECONDS)

    def next(self, name):
        """The next event, which must be the named one."""
        event, data = self.events.get(timeout=TIMEOUT_SECONDS)
        assert event == name, f"{event} {data} instead of {name}"
        return data


def main(task):
    john = Guest(task["serverUrl"], task["tokens"][0], task["transports"])
    acknowledged = john.client.call("join-room", {"roomId": task["roomId"]}, timeout=TIMEOUT_SECONDS)
    joined = john.next("room-joined")
    jane = Guest(task["serverUrl"], task["tokens"][1], task["transports"])
    jane.client.emit("join-room", {"roomId": task["roomId"]})
    jane_joined = jane.next("room-joined")
    newcomer = john.next("user-joined")

    john.client.emit("offer", {"offer": task["offer"], "to": newcomer["socketId"]})
    offer = jane.next("offer")
    jane.client.emit("answer", {"answer": task["answer"], "to": offer["from"]})
    for candidate in task["candidates"]:
        jane.client.emit("ice-candidate", {"candidate": candidate, "to": offer["from"]})
    answer = john.next("answer")
    candidates = [john.next("ice-candidate")["candidate"] for _ in task["candidates"]]

    transport = jane.client.transport()
    jane.client.call("leave-room", {"roomId": task["roomId"]}, timeout=TIMEOUT_SECONDS)
    left = john.next("user-left")
    jane.client.disconnect()
    john.client.disconnect()
    return {
        "acknowledged": acknowledged,
        "joined": joined,
        "janeJoined": jane_joined,
        "newcomer": newcomer,
        "offer": offer,
        "answer": answer,
        "candidates": candidates,
        "left": left,
        "transport": transport,
        "refusal": refusal_of(task),
    }


def refusal_of(task):
    client = socketio.Client(reconnection=False)
    refused = queue.Queue()
    client.on("connect_error", refused.put)
    try:
        client.connect(task["serverUrl"], auth={"token": "nonsense"}, transports=task["transports"], wait_timeout=TIMEOUT_SECONDS)
    except socketio.exceptions.ConnectionError:
        return refused.get(timeout=TIMEOUT_SECONDS)
    return None


if __name__ == "__main__":
    print(json.dumps(main(json.load(sys.stdin))))
