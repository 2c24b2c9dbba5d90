#!/usr/bin/env python3
"""Makes an image archive of one layer: an OCI layout that is a docker archive, too.

  archive.py LAYER.tar OUTPUT.tar VERSION ARCHITECTURE SECONDS COMMIT

https://github.com/opencontainers/image-spec (image-layout.md, config.md, manifest.md); health check and stop signal are members of
Docker's config (https://github.com/moby/docker-image-spec), which others skip. The same input gives the same bytes.
"""
import datetime
import hashlib
import io
import json
import subprocess
import sys
import tarfile

LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"


def main():
    layer_path, output, version, architecture, seconds, commit = sys.argv[1:]
    created = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    with open(layer_path, "rb") as file:
        plain = file.read()
    # 2 MB less than zlib makes of it, without name and time.
    packed = subprocess.run(["libdeflate-gzip", "-12", "-c"], input=plain, stdout=subprocess.PIPE, check=True).stdout
    blobs = {}

    def add(data, media_type, **more):
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        blobs[digest] = data
        return {"mediaType": media_type, "digest": digest, "size": len(data), **more}

    layer = add(packed, LAYER_TYPE)
    labels = {
        "org.opencontainers.image.title": "tatum-kms",
        "org.opencontainers.image.description": "Key management and signing for applications on the Tatum API",
        "org.opencontainers.image.version": version,
        "org.opencontainers.image.revision": commit,
        "org.opencontainers.image.created": created,
        "org.opencontainers.image.licenses": "MIT",
        "org.opencontainers.image.source": "https://github.com/tatumio/tatum-kms",
    }
    second = 1_000_000_000
    config = add(json.dumps({
        "created": created, "architecture": architecture, "os": "linux",
        "config": {
            "User": "10001:10001",
            "Env": ["PATH=/usr/bin:/bin", "HOME=/root", "LANG=C.UTF-8"],
            "Entrypoint": ["/usr/bin/tatum-kms-container"], "Cmd": ["daemon"],
            "WorkingDir": "/root", "Volumes": {"/root/.tatumrc": {}}, "StopSignal": "SIGTERM", "Labels": labels,
            "Healthcheck": {
                "Test": ["CMD", "/usr/bin/tatum-kms", "status", "--quiet"],
                "Interval": 60 * second, "Timeout": 10 * second, "StartPeriod": 60 * second, "Retries": 3},
        },
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(plain).hexdigest()]},
        "history": [{"created": created, "created_by": "scripts/container/image"}],
    }, indent=1).encode(), "application/vnd.oci.image.config.v1+json")
    manifest = add(json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": [layer],
        "annotations": labels}, indent=1).encode(), "application/vnd.oci.image.manifest.v1+json")
    name = "tatum-kms:" + version.split("-")[0]
    index = {
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [{**manifest, "annotations": {
            "org.opencontainers.image.ref.name": version.split("-")[0], "io.containerd.image.name": name}}]}

    def path(digest):
        return "blobs/" + digest.replace(":", "/")

    docker = [{"Config": path(config["digest"]), "RepoTags": [name], "Layers": [path(layer["digest"])]}]
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps(index, indent=1).encode(),
             "manifest.json": json.dumps(docker, indent=1).encode(), **{path(d): data for d, data in blobs.items()}}
    with tarfile.open(output, "w", format=tarfile.USTAR_FORMAT) as archive:
        for folder in ("blobs", "blobs/sha256"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o755, int(seconds)
            archive.addfile(entry)
        for file_name in sorted(files):
            entry = tarfile.TarInfo(file_name)
            entry.size, entry.mode, entry.mtime = len(files[file_name]), 0o644, int(seconds)
            archive.addfile(entry, io.BytesIO(files[file_name]))
    print(f"{output}: {sum(len(data) for data in files.values()) / 1e6:.1f} MB, {name}")


main()
