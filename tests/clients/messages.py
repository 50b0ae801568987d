"""boto3 against SNS and SQS as the sandbox serves them to an app of real functions.

Run with the requirements beside this file installed: `python tests/clients/messages.py`.
"""

import pathlib
import tempfile
import unittest

import boto3
from botocore.exceptions import ClientError

from sandbox import Sandbox

TEMPLATE = """
Resources:
  News: { Type: 'AWS::SNS::Topic' }
  Jobs: { Type: 'AWS::SQS::Queue' }
  Sub: { Type: 'AWS::SNS::Subscription', Properties: { TopicArn: !Ref News, Protocol: sqs, Endpoint: !GetAtt Jobs.Arn, RawMessageDelivery: true } }
  One: { Type: 'AWS::Serverless::Function', Properties: { Runtime: python3.13, Handler: index.handler, InlineCode: 'def handler(event, context): return 1' } }
"""


class Messages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        (pathlib.Path(cls.folder.name) / "template.yaml").write_text(TEMPLATE)
        cls.sandbox = Sandbox("--app", cls.folder.name)

        def client(service):
            return boto3.client(
                service,
                region_name="ap-northeast-2",
                endpoint_url=f"{cls.sandbox.datadog_url}/_aws/{service}",
                aws_access_key_id="AKIDEXAMPLE",
                aws_secret_access_key="secret",
            )

        cls.sns, cls.sqs = client("sns"), client("sqs")
        cls.url = cls.sqs.get_queue_url(QueueName="Jobs")["QueueUrl"]
        cls.topic = "arn:aws:sns:ap-northeast-2:123456789012:News"

    @classmethod
    def tearDownClass(cls):
        cls.sandbox.stop()
        cls.folder.cleanup()

    def one(self, **asked):
        """A message, deleted once it was received."""
        answer = self.sqs.receive_message(QueueUrl=self.url, WaitTimeSeconds=5, **asked)
        [message] = answer["Messages"]
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return message

    def test_what_is_published_is_received_with_its_attributes(self):
        attributes = {
            "sku": {"DataType": "String", "StringValue": "a1"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
        }
        self.sns.publish(TopicArn=self.topic, Message="안녕 & <x>", MessageAttributes=attributes)
        message = self.one(MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"])
        self.assertEqual(message["Body"], "안녕 & <x>")
        self.assertEqual(message["MessageAttributes"], attributes)
        self.assertEqual(message["Attributes"]["ApproximateReceiveCount"], "1")
        entries = [{"Id": "one", "Message": "1"}]
        done = self.sns.publish_batch(TopicArn=self.topic, PublishBatchRequestEntries=entries)
        self.assertEqual([one["Id"] for one in done["Successful"]], ["one"])
        self.assertEqual(self.one()["Body"], "1")

    def test_batches_are_sent_hidden_and_deleted(self):
        entries = [{"Id": str(n), "MessageBody": f"m{n}"} for n in range(3)]
        self.assertEqual(len(self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)["Successful"]), 3)
        held = []
        while len(held) < 3:
            asked = {"MaxNumberOfMessages": 10, "WaitTimeSeconds": 5}
            held += self.sqs.receive_message(QueueUrl=self.url, **asked)["Messages"]
        handles = [{"Id": one["MessageId"], "ReceiptHandle": one["ReceiptHandle"]} for one in held]
        shown = [one | {"VisibilityTimeout": 0} for one in handles]
        self.sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=shown)
        names = ["ApproximateNumberOfMessages"]
        counts = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        self.assertEqual(counts["ApproximateNumberOfMessages"], "3")
        self.sqs.delete_message_batch(QueueUrl=self.url, Entries=handles)
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=self.url))

    def test_what_is_refused_has_the_error_of_aws(self):
        with self.assertRaises(self.sqs.exceptions.QueueDoesNotExist) as refused:
            self.sqs.get_queue_url(QueueName="nobody")
        code = refused.exception.response["Error"]["Code"]
        self.assertEqual(code, "AWS.SimpleQueueService.NonExistentQueue")
        with self.assertRaises(self.sns.exceptions.NotFoundException):
            self.sns.publish(TopicArn=self.topic + "-none", Message="x")
        with self.assertRaises(ClientError) as refused:
            self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=11)
        self.assertEqual(refused.exception.response["Error"]["Code"], "InvalidParameterValue")


if __name__ == "__main__":
    unittest.main()
