"""The peer of the whole job: what one writes in an afternoon in Python for the same purpose. Watches the folders of its
senders, and for each GO verifies the signature, checks the document, notes the set, hands it over and answers.

Usage: watched.py PLAN, with PLAN a JSON file: senders (number, certificate, home), authority, schema, key and certificate
for receipts, ledger, destination.
"""

import base64
import datetime
import hashlib
import json
import os
import sqlite3
import sys
import time

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import pkcs7
from lxml import etree

RECEIPT = """<?xml version="1.0" encoding="UTF-8"?>
<ACRF xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="ACRF_20231.xsd">
  <Form>
    <Identification>ACRF001</Identification>
    <FormCreationDate>{day}</FormCreationDate>
    <FormCreationHour>{hour}</FormCreationHour>
    <AttestationStatus>0</AttestationStatus>
    <TypeForm>{form}</TypeForm>
    <FileReference>
      <FileName>{name}</FileName>
      <ReferenceOrigin>2</ReferenceOrigin>
      <ReferenceNbr>{ticket}</ReferenceNbr>
    </FileReference>
    <ReceptionResult>
      <ResultCode>{result}</ResultCode>
    </ReceptionResult>
  </Form>
</ACRF>
"""


class Watched:
    def __init__(self, plan):
        self.senders, self.destination = plan["senders"], plan["destination"]
        for sender in self.senders:
            with open(sender["certificate"], "rb") as file:
                sender["trusted"] = x509.load_pem_x509_certificate(file.read())
        with open(plan["authority"], "rb") as file:
            self.authority = x509.load_pem_x509_certificate(file.read())
        with open(plan["key"], "rb") as file:
            self.key = serialization.load_pem_private_key(file.read(), None)
        with open(plan["receipt"], "rb") as file:
            self.certificate = x509.load_pem_x509_certificate(file.read())
        self.schema = etree.XMLSchema(etree.parse(plan["schema"]))
        self.parser = etree.XMLParser(resolve_entities=False, no_network=True)
        self.ledger = sqlite3.connect(plan["ledger"], isolation_level=None)
        self.ledger.execute("PRAGMA journal_mode=WAL")
        self.ledger.execute("PRAGMA synchronous=FULL")
        self.ledger.execute("CREATE TABLE IF NOT EXISTS sets (ticket TEXT PRIMARY KEY, sender TEXT, name TEXT UNIQUE,"
                            " digest TEXT, verdict TEXT, receipt TEXT)")
        self.count = 0

    def run(self):
        while True:
            if sum(self.look(sender) for sender in self.senders) == 0:
                time.sleep(0.05)

    def look(self, sender):
        folder = os.path.join(sender["home"], "IN")
        triggers = [name for name in os.listdir(folder) if name.startswith("GO.")]
        for name in triggers:
            self.take(sender, folder, name[3:])
        return len(triggers)

    def take(self, sender, folder, stem):
        declaration, signature = (os.path.join(folder, f"{kind}.{stem}.1") for kind in ("FI", "FS"))
        content, signed = durable(declaration), durable(signature)
        is_good = self.is_signed(content, base64.b64decode(signed), sender["trusted"]) and self.is_valid(content)
        self.count += 1
        ticket = f"{sender['number']}{self.count:07d}"
        receipt = f"ACRF.{sender['number']}.{datetime.date.today():%Y%m%d}.{self.count:05d}.R"
        self.ledger.execute("BEGIN IMMEDIATE")
        self.ledger.execute("INSERT INTO sets VALUES (?, ?, ?, ?, ?, ?)",
                            (ticket, sender["number"], stem, hashlib.sha256(content).hexdigest(),
                             "accepted" if is_good else "refused", receipt))
        self.ledger.execute("COMMIT")
        if is_good:
            self.hand_over(ticket, sender, declaration)
        self.answer(sender, stem, ticket, receipt, is_good)
        for name in (f"GO.{stem}", f"FS.{stem}.1") + (() if is_good else (f"FI.{stem}.1",)):
            os.remove(os.path.join(folder, name))

    def is_signed(self, content, der, trusted):
        signed = cms.ContentInfo.load(der)["content"]
        signer = signed["signer_infos"][0]
        embedded = x509.load_der_x509_certificate(signed["certificates"][0].chosen.dump())
        if embedded.fingerprint(hashes.SHA256()) != trusted.fingerprint(hashes.SHA256()):
            return False
        now = datetime.datetime.now(datetime.timezone.utc)
        if not embedded.not_valid_before_utc <= now <= embedded.not_valid_after_utc:
            return False
        embedded.verify_directly_issued_by(self.authority)
        digest = next(attribute["values"][0].native for attribute in signer["signed_attrs"]
                      if attribute["type"].native == "message_digest")
        if digest != hashlib.sha256(content).digest():
            return False
        attributes = b"\x31" + signer["signed_attrs"].dump()[1:]
        key = embedded.public_key()
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signer["signature"].native, attributes, ec.ECDSA(hashes.SHA256()))
        else:
            key.verify(signer["signature"].native, attributes, padding.PKCS1v15(), hashes.SHA256())
        return True

    def is_valid(self, content):
        return self.schema.validate(etree.fromstring(content, self.parser))

    def hand_over(self, ticket, sender, declaration):
        folder = os.path.join(self.destination, ticket)
        os.mkdir(folder)
        os.rename(declaration, os.path.join(folder, os.path.basename(declaration)))
        write(os.path.join(folder, "manifest.json"),
              json.dumps({"ticket": ticket, "sender": sender["number"]}).encode())
        sync(folder)
        sync(self.destination)

    def answer(self, sender, stem, ticket, receipt, is_good):
        now = datetime.datetime.now()
        document = RECEIPT.format(day=f"{now:%Y-%m-%d}", hour=f"{now:%H:%M:%S}.000", form="PA" if is_good else "FA",
                                  name=f"GO.{stem}", ticket=ticket, result=int(is_good)).encode()
        signature = (pkcs7.PKCS7SignatureBuilder().set_data(document)
                     .add_signer(self.certificate, self.key, hashes.SHA256())
                     .sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature,
                                                        pkcs7.PKCS7Options.Binary]))
        folder = os.path.join(sender["home"], "OUT")
        write(os.path.join(folder, f"FO.{receipt}"), document)
        write(os.path.join(folder, f"FS.{receipt}"), base64.encodebytes(signature))
        write(os.path.join(folder, f".GO.{receipt}"), b"")
        sync(folder)
        os.rename(os.path.join(folder, f".GO.{receipt}"), os.path.join(folder, f"GO.{receipt}"))
        sync(folder)


def durable(path):
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        return file.read()


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


if __name__ == "__main__":
    with open(sys.argv[1]) as plan:
        Watched(json.load(plan)).run()
