"""What dlt and pandas do with s3fs. Arguments: endpoint, bucket. Prints what S3 answered as one line of JSON."""

import json
import sys

import s3fs

endpoint, bucket = sys.argv[1:]
files = s3fs.S3FileSystem(endpoint_url=endpoint)
folder = f"{bucket}/log_data/s3fs"
said = {}

with files.open(f"{folder}/a.json", "wb") as file:
    file.write(b"{}\n")
with files.open(f"{folder}/deep/large", "wb", block_size=5 << 20) as file:
    file.write(b"y" * 6_000_000)
files.touch(f"{folder}/empty")
said["listed"] = sorted(files.find(folder))
said["globbed"] = files.glob(f"{folder}/**/*.json")
said["size"] = files.info(f"{folder}/deep/large")["size"]
said["read"] = files.cat_file(f"{folder}/a.json").decode()
files.mv(f"{folder}/a.json", f"{folder}/b.json")
said["moved"] = [files.exists(f"{folder}/{name}.json") for name in "ab"]
files.rm(folder, recursive=True)
said["left"] = files.find(folder)
print(json.dumps(said))
