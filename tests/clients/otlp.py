"""OpenTelemetry's own Python exporters against `loadgen sandbox`: what they send over OTLP/HTTP is
counted against what the API then answers, as to an agent and as to Datadog without one.

Run with the requirements beside this file installed: `python tests/clients/otlp.py`.
"""

import json
import logging
import time
import unittest
import urllib.parse
import urllib.request

from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from sandbox import API_KEY, APPLICATION_KEY, Sandbox

COUNT = 20
KEYS = {"DD-API-KEY": API_KEY, "DD-APPLICATION-KEY": APPLICATION_KEY}
DELTA = {Counter: AggregationTemporality.DELTA, Histogram: AggregationTemporality.DELTA}


class OpenTelemetry(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()

    @classmethod
    def tearDownClass(cls):
        assert cls.sandbox.stop() == 0

    def ways(self):
        """Where each signal goes: an agent's paths, and Datadog's with a key."""
        base = self.sandbox.datadog_url
        return {
            "agent": (base + "/v1", {}),
            "direct": (base + "/api/intake/otlp/v1", {"dd-api-key": API_KEY}),
        }

    def get(self, path, **query):
        url = f"{self.sandbox.datadog_url}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(urllib.request.Request(url, headers=KEYS), timeout=10) as answer:
            return json.load(answer)

    def found(self, what, service):
        query = {"filter[query]": f"service:{service}", "page[limit]": 1000}
        return self.get(f"/api/v2/{what}/events", **query)["data"]

    def summed(self, query):
        now = int(time.time())
        answer = self.get("/api/v1/query", **{"from": now - 600, "to": now + 60, "query": query})
        return sum(point[1] or 0 for series in answer["series"] for point in series["pointlist"])

    def test_every_span_arrives(self):
        for way, (base, headers) in self.ways().items():
            resource = Resource({"service.name": f"spans-{way}", "deployment.environment": "prod"})
            provider = TracerProvider(resource=resource)
            exporter = OTLPSpanExporter(endpoint=base + "/traces", headers=headers)
            provider.add_span_processor(SimpleSpanProcessor(exporter))
            tracer = provider.get_tracer("loadgen")
            for place in range(COUNT):
                with tracer.start_as_current_span(f"work {place}"):
                    pass
            provider.shutdown()
            spans = self.found("spans", f"spans-{way}")
            self.assertEqual(len(spans), COUNT, way)

    def test_every_log_arrives(self):
        for way, (base, headers) in self.ways().items():
            provider = LoggerProvider(resource=Resource({"service.name": f"logs-{way}"}))
            exporter = OTLPLogExporter(endpoint=base + "/logs", headers=headers)
            provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
            handler = LoggingHandler(logger_provider=provider)
            logger = logging.getLogger(way)
            logger.addHandler(handler)
            for place in range(COUNT):
                logger.error("order %s refused", place)
            logger.removeHandler(handler)
            provider.shutdown()
            logs = self.found("logs", f"logs-{way}")
            self.assertEqual(len(logs), COUNT, way)
            self.assertEqual({log["attributes"]["status"] for log in logs}, {"error"})

    def test_every_count_arrives(self):
        for way, (base, headers) in self.ways().items():
            exporter = OTLPMetricExporter(
                endpoint=base + "/metrics", headers=headers, preferred_temporality=DELTA
            )
            reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
            provider = MeterProvider([reader], resource=Resource({"service.name": way}))
            meter = provider.get_meter("loadgen")
            orders, took = meter.create_counter("orders"), meter.create_histogram("took")
            for place in range(COUNT):
                orders.add(2)
                took.record(place)
            provider.shutdown()
            self.assertEqual(self.summed(f"sum:orders{{service:{way}}}.as_count()"), 2 * COUNT)
            self.assertEqual(self.summed(f"count:took{{service:{way}}}.as_count()"), COUNT)

    def test_cumulative_counts_are_taken_by_the_agent_alone(self):
        taken = {}
        for way, (base, headers) in self.ways().items():
            exporter = OTLPMetricExporter(endpoint=base + "/metrics", headers=headers)
            reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
            provider = MeterProvider([reader], resource=Resource({"service.name": f"c-{way}"}))
            orders = provider.get_meter("loadgen").create_counter("totals")
            for _ in range(2):
                orders.add(COUNT)
                provider.force_flush()
            provider.shutdown()
            taken[way] = self.summed(f"sum:totals{{service:c-{way}}}.as_count()")
        # The first total says nothing of when it was counted.
        self.assertEqual(taken, {"agent": COUNT, "direct": 0})


if __name__ == "__main__":
    unittest.main(verbosity=2)
