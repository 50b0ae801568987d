"""Datadog's own Python clients, `datadog-api-client` and `datadog`, against `loadgen sandbox`.

What they send must be understood, and what they get must parse into their own models. Run with
the requirements beside this file installed: `python tests/clients/official_clients.py`.
"""

import unittest

import datadog
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException, ForbiddenException
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v1.api.metrics_api import MetricsApi as MetricsApiV1
from datadog_api_client.v2.api.dora_metrics_api import DORAMetricsApi
from datadog_api_client.v2.api.logs_api import LogsApi
from datadog_api_client.v2.api.metrics_api import MetricsApi
from datadog_api_client.v2.api.spans_api import SpansApi
from datadog_api_client.v2 import models as v2
from datadog_api_client.v1 import models as v1

from sandbox import API_KEY, APPLICATION_KEY, BAD_API_KEY, CONSUMER, ENTRY, Sandbox

INVOCATIONS = "aws.lambda.enhanced.invocations"
REQUESTS = 30


class OfficialClients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        for _ in range(REQUESTS - 1):
            status, _ = cls.sandbox.invoke()
            assert status == 200, status
        headers = {"x-loadgen-fault": "error", "x-loadgen-fault-key": "sandbox"}
        status, _ = cls.sandbox.invoke(**headers)
        assert status == 502, status
        # The queue delivers, environments flush, intervals end.
        cls.sandbox.advance(60_000)
        configuration = Configuration(host=cls.sandbox.datadog_url)
        configuration.api_key["apiKeyAuth"] = API_KEY
        configuration.api_key["appKeyAuth"] = APPLICATION_KEY
        cls.client = ApiClient(configuration)
        cls.now_ms = cls.sandbox.now_ms()
        cls.from_ms = cls.now_ms - 900_000

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        assert cls.sandbox.stop() == 0

    def test_a_key_validates_and_the_bad_one_does_not(self):
        answer = AuthenticationApi(self.client).validate()
        self.assertTrue(answer.valid)
        configuration = Configuration(host=self.sandbox.datadog_url)
        configuration.api_key["apiKeyAuth"] = BAD_API_KEY
        with ApiClient(configuration) as client:
            with self.assertRaises(ForbiddenException) as refused:
                AuthenticationApi(client).validate()
        self.assertIn("Forbidden", str(refused.exception.body))

    def test_a_v1_query_counts_the_invocations(self):
        answer = MetricsApiV1(self.client).query_metrics(
            _from=self.from_ms // 1000,
            to=self.now_ms // 1000,
            query=f"sum:{INVOCATIONS}{{functionname:{ENTRY}}}.as_count()",
        )
        self.assertEqual(answer.status, "ok")
        points = [point.value[1] for point in answer.series[0].pointlist]
        self.assertEqual(sum(points), REQUESTS)
        self.assertEqual(answer.series[0].metric, INVOCATIONS)
        self.assertEqual(answer.series[0].interval, 10)

    def test_a_query_of_nothing_is_empty_and_a_broken_one_an_error(self):
        api = MetricsApiV1(self.client)
        window = {"_from": self.from_ms // 1000, "to": self.now_ms // 1000}
        self.assertEqual(api.query_metrics(query="sum:no.such{*}", **window).series, [])
        with self.assertRaises(ApiException) as refused:
            api.query_metrics(query="sum:no.such{", **window)
        self.assertEqual(refused.exception.status, 400)

    def scalar(self, queries, formulas):
        request = v2.ScalarFormulaQueryRequest(
            data=v2.ScalarFormulaRequest(
                type=v2.ScalarFormulaRequestType.SCALAR_REQUEST,
                attributes=v2.ScalarFormulaRequestAttributes(
                    _from=self.from_ms,
                    to=self.now_ms,
                    queries=v2.ScalarFormulaRequestQueries(queries),
                    formulas=[v2.QueryFormula(formula=formula) for formula in formulas],
                ),
            )
        )
        return MetricsApi(self.client).query_scalar_data(body=request).data.attributes.columns

    def metric(self, name, query, aggregator="sum"):
        return v2.MetricsScalarQuery(
            name=name,
            query=query,
            aggregator=v2.MetricsAggregator(aggregator),
            data_source=v2.MetricsDataSource.METRICS,
        )

    def test_a_scalar_formula_gives_the_share_of_cold_starts(self):
        cold = f"sum:{INVOCATIONS}{{functionname:{ENTRY},cold_start:true}}.as_count()"
        both = f"sum:{INVOCATIONS}{{functionname:{ENTRY}}}.as_count()"
        columns = self.scalar(
            [self.metric("a", cold), self.metric("b", both)], ["a", "b", "a / b * 100"]
        )
        cold, both, share = (column.values[0] for column in columns)
        self.assertEqual(both, REQUESTS)
        self.assertGreater(cold, 0)
        self.assertAlmostEqual(share, 100 * cold / both)

    def test_grouped_scalars_parse_with_their_units(self):
        query = "max:aws.lambda.enhanced.duration{*} by {functionname}"
        groups, values = self.scalar([self.metric("a", query, "max")], ["a"])
        self.assertEqual(
            sorted(value[0] for value in groups.values), sorted([ENTRY, CONSUMER])
        )
        self.assertEqual(values.meta.unit[0].name, "second")

    def test_spans_are_counted_as_a_scalar(self):
        spans = v2.EventsScalarQuery(
            name="a",
            data_source=v2.EventsDataSource.SPANS,
            indexes=["*"],
            compute=v2.EventsCompute(aggregation=v2.EventsAggregation.COUNT),
            search=v2.EventsSearch(query=f"operation_name:aws.lambda resource_name:{ENTRY}"),
        )
        (column,) = self.scalar([spans], ["a"])
        self.assertEqual(column.values, [REQUESTS])

    def test_a_timeseries_parses(self):
        request = v2.TimeseriesFormulaQueryRequest(
            data=v2.TimeseriesFormulaRequest(
                type=v2.TimeseriesFormulaRequestType.TIMESERIES_REQUEST,
                attributes=v2.TimeseriesFormulaRequestAttributes(
                    _from=self.from_ms,
                    to=self.now_ms,
                    interval=5000,
                    formulas=[v2.QueryFormula(formula="a")],
                    queries=v2.TimeseriesFormulaRequestQueries(
                        [
                            v2.MetricsTimeseriesQuery(
                                name="a",
                                query=f"sum:{INVOCATIONS}{{*}} by {{functionname}}.as_count()",
                                data_source=v2.MetricsDataSource.METRICS,
                            )
                        ]
                    ),
                ),
            )
        )
        found = MetricsApi(self.client).query_timeseries_data(body=request).data.attributes
        tags = [series.group_tags.value for series in found.series.value]
        self.assertIn([f"functionname:{ENTRY}"], tags)
        row = found.values.value[tags.index([f"functionname:{ENTRY}"])].value
        self.assertEqual(len(row), len(found.times.value))
        self.assertEqual(sum(value for value in row if value is not None), REQUESTS)

    def test_all_pages_of_a_span_search_are_walked(self):
        body = v2.SpansListRequest(
            data=v2.SpansListRequestData(
                type=v2.SpansListRequestType.SEARCH_REQUEST,
                attributes=v2.SpansListRequestAttributes(
                    filter=v2.SpansQueryFilter(
                        query=f"operation_name:aws.lambda resource_name:{ENTRY}",
                        _from="now-1h",
                        to="now",
                    ),
                    page=v2.SpansListRequestPage(limit=7),
                    sort=v2.SpansSort.TIMESTAMP_ASCENDING,
                ),
            )
        )
        spans = list(SpansApi(self.client).list_spans_with_pagination(body=body))
        self.assertEqual(len(spans), REQUESTS)
        self.assertEqual(len({span.attributes.span_id for span in spans}), REQUESTS)
        starts = [span.attributes.start_timestamp for span in spans]
        self.assertEqual(starts, sorted(starts))
        self.assertEqual(spans[0].attributes.custom["cold_start"], "true")

    def test_the_get_form_finds_the_same_spans(self):
        spans = SpansApi(self.client).list_spans_get_with_pagination(
            filter_query="status:error operation_name:aws.lambda",
            filter_from="now-1h",
            filter_to="now",
            page_limit=10,
        )
        (failed,) = list(spans)
        self.assertEqual(failed.attributes.custom["error"]["message"], "Throw an error.")

    def test_spans_are_aggregated(self):
        body = v2.SpansAggregateRequest(
            data=v2.SpansAggregateData(
                type=v2.SpansAggregateRequestType.AGGREGATE_REQUEST,
                attributes=v2.SpansAggregateRequestAttributes(
                    compute=[v2.SpansCompute(aggregation=v2.SpansAggregationFunction.COUNT)],
                    filter=v2.SpansQueryFilter(
                        query="operation_name:aws.lambda", _from="now-1h", to="now"
                    ),
                    group_by=[v2.SpansGroupBy(facet="resource_name")],
                ),
            )
        )
        answer = SpansApi(self.client).aggregate_spans(body=body)
        counts = {
            bucket.attributes.by["resource_name"]: bucket.attributes.computes["c0"].value
            if hasattr(bucket.attributes.computes["c0"], "value")
            else bucket.attributes.computes["c0"]
            for bucket in answer.data
        }
        self.assertEqual(counts[ENTRY], REQUESTS)

    def test_a_backwards_range_is_a_422(self):
        with self.assertRaises(ApiException) as refused:
            SpansApi(self.client).list_spans_get(filter_from="now", filter_to="now-1h")
        self.assertEqual(refused.exception.status, 422)

    def test_all_pages_of_a_log_search_are_walked(self):
        body = v2.LogsListRequest(
            filter=v2.LogsQueryFilter(query="REPORT", _from="now-1h", to="now"),
            page=v2.LogsListRequestPage(limit=9),
            sort=v2.LogsSort.TIMESTAMP_ASCENDING,
        )
        logs = list(LogsApi(self.client).list_logs_with_pagination(body=body))
        self.assertGreaterEqual(len(logs), REQUESTS)
        self.assertTrue(all("REPORT" in log.attributes.message for log in logs))
        self.assertTrue(logs[0].attributes.attributes["lambda"]["request_id"])

    def test_logs_are_aggregated(self):
        body = v2.LogsAggregateRequest(
            compute=[v2.LogsCompute(aggregation=v2.LogsAggregationFunction.COUNT)],
            filter=v2.LogsQueryFilter(query="REPORT", _from="now-1h", to="now"),
            group_by=[v2.LogsGroupBy(facet="service")],
        )
        answer = LogsApi(self.client).aggregate_logs(body=body)
        self.assertGreater(len(answer.data.buckets), 0)

    def test_what_is_submitted_can_be_queried(self):
        now_s = self.sandbox.now_ms() // 1000
        MetricsApi(self.client).submit_metrics(
            body=v2.MetricPayload(
                series=[
                    v2.MetricSeries(
                        metric="clients.submitted",
                        type=v2.MetricIntakeType.COUNT,
                        points=[v2.MetricPoint(timestamp=now_s - 30, value=3.0)],
                        tags=["from:client"],
                        resources=[v2.MetricResource(name="box", type="host")],
                    )
                ]
            ),
            content_encoding=v2.MetricContentEncoding.DEFLATE,
        )
        MetricsApiV1(self.client).submit_distribution_points(
            body=v1.DistributionPointsPayload(
                series=[
                    v1.DistributionPointsSeries(
                        metric="clients.distribution",
                        points=[v1.DistributionPoint([float(now_s - 30), [1.0, 2.0]])],
                    )
                ]
            )
        )
        LogsApi(self.client).submit_log(
            body=v2.HTTPLog([v2.HTTPLogItem(message="submitted by a client", service="clients")]),
            content_encoding=v2.ContentEncoding.GZIP,
        )
        for metric, total in [("clients.submitted", 3), ("clients.distribution", 3)]:
            answer = MetricsApiV1(self.client).query_metrics(
                _from=now_s - 600, to=now_s, query=f"sum:{metric}{{*}}.as_count()"
            )
            self.assertEqual(sum(p.value[1] for p in answer.series[0].pointlist), total, metric)
        tags = MetricsApi(self.client).list_tags_by_metric_name("clients.submitted")
        self.assertEqual(tags.data.attributes.tags, ["from:client", "host:box"])
        logs = LogsApi(self.client).list_logs_get(
            filter_query='service:clients "submitted by a client"'
        )
        self.assertEqual(len(logs.data), 1)

    def test_a_deployment_is_taken(self):
        now_ns = self.sandbox.now_ms() * 1_000_000
        answer = DORAMetricsApi(self.client).create_dora_deployment(
            body=v2.DORADeploymentRequest(
                data=v2.DORADeploymentRequestData(
                    attributes=v2.DORADeploymentRequestAttributes(
                        service=ENTRY, started_at=now_ns - 10**9, finished_at=now_ns
                    )
                )
            )
        )
        self.assertTrue(answer.data.id)

    def test_the_older_client_queries_and_submits(self):
        datadog.initialize(
            api_key=API_KEY, app_key=APPLICATION_KEY, api_host=self.sandbox.datadog_url
        )
        now_s = self.sandbox.now_ms() // 1000
        answer = datadog.api.Metric.query(
            start=self.from_ms // 1000,
            end=now_s,
            query=f"sum:{INVOCATIONS}{{functionname:{ENTRY}}}.as_count()",
        )
        self.assertEqual(answer["status"], "ok")
        self.assertEqual(sum(point[1] for point in answer["series"][0]["pointlist"]), REQUESTS)
        self.assertIn(INVOCATIONS, datadog.api.Metric.list(self.from_ms // 1000)["metrics"])
        sent = datadog.api.Metric.send(
            metric="clients.older",
            points=[(now_s - 30, 4)],
            type="count",
            compress_payload=True,
        )
        self.assertEqual(sent["status"], "ok")
        sent = datadog.api.Distribution.send(
            distributions=[{"metric": "clients.older.d", "points": [(now_s - 30, [5.0])]}]
        )
        self.assertEqual(sent["status"], "ok")
        for metric, total in [("clients.older", 4), ("clients.older.d", 5)]:
            answer = datadog.api.Metric.query(
                start=now_s - 600, end=now_s, query=f"sum:{metric}{{*}}.as_count()"
            )
            total_found = sum(point[1] for point in answer["series"][0]["pointlist"])
            self.assertEqual(total_found, total, metric)


if __name__ == "__main__":
    unittest.main()
