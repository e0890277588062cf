"""Prints a certificate for the given names, and the authority that signed it, as {"authority", "certificate",
"key"}."""

import datetime
import json
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NOW = datetime.datetime.now(datetime.UTC)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def builder(subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(name("Test authority"))
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return made.not_valid_before(NOW - datetime.timedelta(hours=1)).not_valid_after(NOW + datetime.timedelta(hours=1))


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


authority_key = ec.generate_private_key(ec.SECP256R1())
authority = builder(name("Test authority"), authority_key)
authority = authority.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
authority = authority.sign(authority_key, hashes.SHA256())

key = ec.generate_private_key(ec.SECP256R1())
names = x509.SubjectAlternativeName([x509.DNSName(text) for text in sys.argv[1:]])
certificate = builder(name(sys.argv[1]), key).add_extension(names, critical=False).sign(authority_key, hashes.SHA256())

form = serialization.PrivateFormat.PKCS8
private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
json.dump({"authority": pem(authority), "certificate": pem(certificate), "key": private}, sys.stdout)
