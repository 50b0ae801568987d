"""What botocore, which the `aws` command is built on, signs: prints the Authorization header.

    sign.py METHOD URL HOST BODY SERVICE REGION X-AMZ-DATE ACCESS_KEY SECRET_KEY SESSION_TOKEN
"""
import datetime
import sys
from unittest import mock

from botocore import auth, awsrequest, credentials

method, url, host, body, service, region, date, access_key, secret_key, token = sys.argv[1:]
keys = credentials.Credentials(access_key, secret_key, token or None)
request = awsrequest.AWSRequest(method, url, headers={"host": host}, data=body.encode())
at = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ")
# botocore asks the clock by itself, older versions by another name.
for name in ("get_current_datetime", "datetime"):
    if hasattr(auth, name):
        clock = mock.Mock(return_value=at, utcnow=mock.Mock(return_value=at), now=mock.Mock(return_value=at))
        mock.patch.object(auth, name, clock).start()
auth.SigV4Auth(keys, service, region).add_auth(request)
print(request.headers["Authorization"])
