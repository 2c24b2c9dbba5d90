"""A local AWS (moto) that checks signatures and rights.

Prints one line of JSON with what a test needs to know, then serves until standard input ends.
"""

import json
import os
import sys
import urllib.request

os.environ["MOTO_ACCOUNT_ID"] = "123456789012"
import boto3
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"


def client(service):
    return boto3.client(
        service, region_name=REGION, endpoint_url=url, aws_access_key_id="setup", aws_secret_access_key="setup"
    )


secrets = client("secretsmanager")
secrets.create_secret(Name="kms/password", SecretString=json.dumps({"vault": sys.argv[1], "empty": "", "n": 5}))
secrets.create_secret(Name="plain", SecretString=sys.argv[1])
secrets.create_secret(Name="binary", SecretBinary=b"bytes")
secrets.create_secret(Name="deleted", SecretString="x")
secrets.delete_secret(SecretId="deleted", RecoveryWindowInDays=7)

iam = client("iam")
keys = {}
for user, action in [("reader", "secretsmanager:GetSecretValue"), ("stranger", "s3:GetObject")]:
    iam.create_user(UserName=user)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    keys[user] = {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
policy = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}],
}
iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps(policy))
session = client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
keys["session"] = {
    "id": session["AccessKeyId"],
    "secret": session["SecretAccessKey"],
    "token": session["SessionToken"],
}
# From now on every request must be signed by somebody who may make it.
reset = urllib.request.Request(f"{url}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})
urllib.request.urlopen(reset)
print(json.dumps({"url": url, "region": REGION, "keys": keys}), flush=True)
sys.stdin.read()
server.stop()
