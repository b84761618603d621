"""What programs do with boto3. Arguments: endpoint, bucket. Prints what S3 answered as one line of JSON."""

import io
import json
import sys

import boto3
from boto3.s3.transfer import TransferConfig

endpoint, bucket = sys.argv[1:]
s3 = boto3.client("s3", endpoint_url=endpoint)
said = {}

for key in ["log_data/folder/", "log_data/cr\rx", "log_data/nl\nx", "log_data/esc\x1bx", "log_data/ü +%&<"]:
    s3.put_object(Bucket=bucket, Key=key)
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="log_data/", PaginationConfig={"PageSize": 2})
said["listed"] = [found["Key"] for page in pages for found in page["Contents"]]
gone = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "log_data/nl\nx"}, {"Key": "log_data/ü +%&<"}]})
said["deleted"] = [each["Key"] for each in gone["Deleted"]]

parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
s3.upload_fileobj(io.BytesIO(b"0123456789" * 600_000), bucket, "log_data/large", Config=parts)
said["size"] = s3.head_object(Bucket=bucket, Key="log_data/large")["ContentLength"]
said["range"] = s3.get_object(Bucket=bucket, Key="log_data/large", Range="bytes=5999998-")["Body"].read().decode()
s3.copy_object(Bucket=bucket, Key="log_data/copied", CopySource={"Bucket": bucket, "Key": "log_data/folder/"})
said["copied"] = s3.head_object(Bucket=bucket, Key="log_data/copied")["ContentLength"]
try:
    s3.get_object(Bucket=bucket, Key="log_data/missing")
except s3.exceptions.NoSuchKey as error:
    said["missing"] = error.response["Error"]["Code"]
print(json.dumps(said))
