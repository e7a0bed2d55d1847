"""The VTN: OpenADR 3.1.1 over HTTPS, for homes and for any other VEN."""
