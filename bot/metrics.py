"""What a running bot counts, for Prometheus. Labels take few values each and never what a person wrote."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True)
class Metrics:
    """The counts of one process, in a registry of their own. All may be used from any thread."""

    registry: CollectorRegistry
    updates: Counter
    answers: Counter
    answer_seconds: Histogram
    handled_seconds: Histogram
    sends: Counter
    api_errors: Counter
    refused: Counter
    waiting: Gauge
    outbox_due: Gauge
    jobs_queued: Gauge
    in_flight: Gauge

    def text(self) -> bytes:
        """All of them as Prometheus reads them; CONTENT_TYPE says in which format."""
        return generate_latest(self.registry)


CONTENT_TYPE = CONTENT_TYPE_LATEST


def metrics() -> Metrics:
    """A process's metrics, all at nought."""
    own = CollectorRegistry()
    ProcessCollector(registry=own)  # memory, processor time, open files

    def counter(name: str, said: str, *labels: str) -> Counter:
        return Counter(f"navicert_{name}", said, labels, registry=own)

    def gauge(name: str, said: str) -> Gauge:
        return Gauge(f"navicert_{name}", said, registry=own)

    def seconds(name: str, said: str) -> Histogram:
        return Histogram(f"navicert_{name}", said, buckets=_SECONDS, registry=own)

    return Metrics(
        registry=own,
        updates=counter("updates_total", "Updates received, by kind (text, command, button, ...).", "kind"),
        answers=counter("answers_total", "Questions answered.", "verdict", "behaviour"),
        answer_seconds=seconds("answer_seconds", "Time to determine one answer, without sending it."),
        handled_seconds=seconds("handled_seconds", "Time from an update's receipt until its last message was sent."),
        sends=counter("sends_total", "Messages sent, by result (sent, failed).", "result"),
        api_errors=counter(
            "api_errors_total",
            "Errors of the Bot API, by kind (polling, too_many_requests, not_sent, unclear, courtesy).",
            "kind",
        ),
        refused=counter("refused_total", "Things refused for want of a role, by action.", "action"),
        waiting=gauge("waiting_updates", "Updates received and not yet handled."),
        outbox_due=gauge("outbox_due", "Messages promised and not yet sent."),
        jobs_queued=gauge("jobs_queued", "Jobs of the library that wait."),
        in_flight=gauge("in_flight", "Updates being handled now."),
    )
