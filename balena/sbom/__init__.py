"""Says what each image holds, as a software bill of materials (SBOM) after CycloneDX 1.6."""
