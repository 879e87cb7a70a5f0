#!/bin/sh
# Makes the two archives of cases/ and puts them under input/ of the bucket, with the keys of ./config.
# Needs the programs zip and aws; AWS_ENDPOINT_URL names a store other than AWS.
set -e
cd "$(dirname "$0")"
export AWS_CONFIG_FILE="$PWD/config"
[ -z "$AWS_ENDPOINT_URL" ] || endpoint="--endpoint-url $AWS_ENDPOINT_URL"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for case in hsdi pintle; do
  (cd "cases/$case" && zip -q "$folder/$case.zip" ./*)
  aws $endpoint s3 cp "$folder/$case.zip" "s3://my-simulation-data/input/$case.zip"
done
