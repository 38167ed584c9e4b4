"""Prints who a job is by the default chain of boto3, or the code of the error.

An argument is the length of the session in seconds.
"""

import os
import pathlib
import sys

import boto3
from botocore.exceptions import ClientError


def caller() -> str:
    """The ARN of the session."""
    if len(sys.argv) == 1:
        return boto3.client("sts").get_caller_identity()["Arn"]
    answer = boto3.client("sts").assume_role_with_web_identity(
        RoleArn=os.environ["AWS_ROLE_ARN"],
        RoleSessionName="boto3",
        WebIdentityToken=pathlib.Path(
            os.environ["AWS_WEB_IDENTITY_TOKEN_FILE"]
        ).read_text(encoding="ascii"),
        DurationSeconds=int(sys.argv[1]),
    )
    return answer["AssumedRoleUser"]["Arn"]


try:
    print(caller())
except ClientError as error:
    print(error.response["Error"]["Code"])
    sys.exit(1)
