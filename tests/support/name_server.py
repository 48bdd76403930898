"""A name server with a handful of records, on this machine, by UDP."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from dns.resolver import Resolver


@dataclass(slots=True)
class Names:
    """What it knows, (name, kind) -> texts, and what it was asked; ``is_mute`` answers nothing."""

    resolver: Resolver
    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    is_mute: bool = False

    def answer(self, raw: bytes) -> bytes:
        """Return the answer to a question."""
        query = dns.message.from_wire(raw)
        [question] = query.question
        name, kind = question.name.to_text(omit_final_dot=True), question.rdtype.name
        self.asked.append((name, kind))
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        texts = self.records.get((name, kind))
        if texts:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *texts))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()


@contextmanager
def name_server() -> Iterator[Names]:
    """Run a name server until the end of the block."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], listening.getsockname()[1]
        names = Names(resolver)

        def work() -> None:
            while (got := listening.recvfrom(4096))[0]:
                if not names.is_mute:
                    listening.sendto(names.answer(got[0]), got[1])

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        yield names
        listening.sendto(b"", listening.getsockname())
        thread.join()
