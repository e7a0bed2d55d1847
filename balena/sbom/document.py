"""The bill of materials of one image, after CycloneDX 1.6 (cyclonedx.org/docs/1.6/json)."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from image_digests.references import DEFAULT_REGISTRY
from packageurl import PackageURL

from .contents import Base, Contents, PythonPackage, SystemPackage
from .licences import OWN, Licences

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "pkg:generic/home-flex/sbom")


def document(image: str, version: str, held: Contents, licences: Licences, made_at: datetime) -> str:
    """Return the bill of the image's contents as JSON; the same contents give the same serial number.

    Raises LicenceError for a part whose licence is not known.
    """
    whole = Component(
        type=ComponentType.CONTAINER,
        group="home-flex",
        name=image,
        version=version,
        bom_ref=f"image:{image}",
        licenses=[LicenseExpression(OWN)],
    )
    parts = list(_parts(held, version, licences))
    bom = Bom(
        components=parts,
        serial_number=uuid.uuid5(_NAMESPACE, f"{image} {version} {held}"),
    )
    bom.metadata.component = whole
    bom.metadata.timestamp = made_at
    bom.register_dependency(whole, parts)
    return str(JsonV1Dot6(bom).output_as_string(indent=2))


def _parts(held: Contents, version: str, licences: Licences) -> Iterator[Component]:
    yield from (_base(base, licences) for base in held.bases)
    yield from (_system(package, licences) for package in held.system)
    yield from (_python(package, licences) for package in held.python)
    for folder in held.own:
        yield Component(
            type=ComponentType.APPLICATION,
            group="home-flex",
            name=PurePosixPath(folder).name,
            version=version,
            bom_ref=f"own:{folder}",
            licenses=[LicenseExpression(OWN)],
        )


def _base(base: Base, licences: Licences) -> Component:
    image = base.image
    group, _, name = image.repository.rpartition("/")
    elsewhere = {} if image.registry == DEFAULT_REGISTRY else {"repository_url": image.registry}
    purl = PackageURL("docker", group, name, image.tag, elsewhere)
    digest = [] if image.digest is None else [image.digest.removeprefix("sha256:")]
    return Component(
        type=ComponentType.CONTAINER,
        group=group,
        name=name,
        version=image.tag,
        bom_ref=str(purl),
        purl=purl,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in digest],
        licenses=[LicenseExpression(licences.of_image(image))],
        properties=[Property(name="home-flex:taken", value=base.taken or "all of it")],
    )


def _system(package: SystemPackage, licences: Licences) -> Component:
    purl = PackageURL("apk", "alpine", package.name, package.version)
    return Component(
        name=package.name,
        version=package.version,
        bom_ref=str(purl),
        purl=purl,
        licenses=[LicenseExpression(licences.of_system(package))],
    )


def _python(package: PythonPackage, licences: Licences) -> Component:
    """Return the package; its hashes are those of the files that may be installed, one for each machine."""
    purl = PackageURL("pypi", None, package.name, package.version)
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(str(purl)),
        comment="the installed file has one of these hashes",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in package.sha256],
    )
    return Component(
        name=package.name,
        version=package.version,
        bom_ref=str(purl),
        purl=purl,
        licenses=[LicenseExpression(licences.of_python(package))],
        external_references=[files],
    )
