import Foundation
import TestSupport
import Testing
import Trust

@testable import Fetching

/// Bundles of sigstore and what may be signed in them.
@Suite struct SigstoreBundleTests {
    static let type = "application/vnd.dev.sigstore.bundle.v0.3+json"

    private func bundle(
        _ members: String,
        type: String = type
    ) -> Result<SigstoreBundle, SignatureRefusal> {
        let text = #"{"mediaType":"\#(type)","verificationMaterial":{},\#(members)}"#
        return Result { () throws(SignatureRefusal) in try SigstoreBundle(parsing: Array(text.utf8))
        }
    }

    @Test func bothFormsAreRead() throws {
        let envelope =
            #""dsseEnvelope":{"payload":"aGk=","payloadType":"t","signatures":[{"sig":"AQI=","keyid":"x"}]}"#
        let first = try bundle(envelope).get()
        guard case .envelope("t", let payload) = first.content else { throw Unexpected() }
        #expect(payload == Array("hi".utf8) && first.signature == [1, 2])
        let message =
            #""messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"AAE="},"signature":"AQI="}"#
        let second = try bundle(
            message,
            type: "application/vnd.dev.sigstore.bundle+json;version=0.3"
        ).get()
        guard case .message(let sum) = second.content else { throw Unexpected() }
        #expect(sum == [0, 1] && second.signature == [1, 2])
    }

    struct Unexpected: Error {}

    @Test(arguments: [
        #""x":1"#, #""dsseEnvelope":{}"#, #""dsseEnvelope":[]"#, #""messageSignature":{}"#,
        #""dsseEnvelope":{"payload":"aGk","payloadType":"t","signatures":[{"sig":"AQI="}]}"#,
        #""dsseEnvelope":{"payload":"aGk=","payloadType":"t","signatures":[]}"#,
        #""dsseEnvelope":{"payload":"aGk=","payloadType":"t","signatures":[{"sig":"AQI="},{"sig":"AQI="}]}"#,
        #""dsseEnvelope":{"payload":"aGk=","payloadType":1,"signatures":[{"sig":"AQI="}]}"#,
        #""messageSignature":{"messageDigest":{"algorithm":"SHA2_512","digest":"AAE="},"signature":"AQI="}"#,
        #""messageSignature":{"messageDigest":{"digest":"AAE="},"signature":"AQI="}"#,
        #""messageSignature":{"messageDigest":{"algorithm":"SHA2_256"},"signature":"AQI="}"#,
        #""messageSignature":{"signature":"AQI="},"dsseEnvelope":{}"#,
        #""mediaType":"\#(type)""#,
    ])
    func othersAreRefused(_ members: String) {
        #expect(throws: SignatureRefusal.self) { try bundle(members).get() }
    }

    @Test(arguments: [
        "", "application/vnd.dev.sigstore.bundle.v0.4+json",
        "application/vnd.dev.sigstore.bundle+json;version=0.2",
    ])
    func otherVersionsAreRefused(_ type: String) {
        let message =
            #""messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"AAE="},"signature":"AQI="}"#
        #expect(throws: SignatureRefusal.self) { try bundle(message, type: type).get() }
    }

    /// The vector of the DSSE protocol 1.0.2.
    @Test func theEncodingIsThatOfTheProtocol() {
        let encoded = SigstoreBundle.encoding(
            ofType: "http://example.com/HelloWorld",
            Array("hello world".utf8)
        )
        #expect(
            String(decoding: encoded, as: UTF8.self)
                == "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        )
    }

    private func reason(_ statement: String) -> String? {
        do throws(SignatureRefusal) {
            _ = try SignedClaim(statement: Array(statement.utf8))
            return nil
        } catch { return error.reason }
    }

    @Test func onlyASignatureOfAnImageIsOne() {
        let sign = #""predicateType":"https://sigstore.dev/cosign/sign/v1""#
        let subject = #""subject":[{"digest":{"sha256":"00"}}]"#
        let type = #""_type":"https://in-toto.io/Statement/v1""#
        #expect(reason("{\(type),\(subject),\(sign)}") == nil)
        for text in [
            "", "[]", "{\(subject),\(sign)}", "{\(type),\(sign)}", "{\(type),\(subject)}",
            #"{"_type":"https://in-toto.io/Statement/v0.1",\#(subject),\#(sign)}"#,
            "{\(type),\(subject),\(subject),\(sign)}",
        ] { #expect(reason(text)?.contains("says nothing of an image") == true, "\(text)") }
        for predicate in [
            "https://slsa.dev/provenance/v1", "https://sigstore.dev/cosign/sign/v2",
            "https://sigstore.dev/cosign/sign/v1/", "",
        ] {
            let text = #"{\#(type),\#(subject),"predicateType":"\#(predicate)"}"#
            #expect(reason(text)?.contains("it is an attestation") == true, "\(text)")
        }
        for subjects in ["[]", "[1]", #"[{"digest":{"sha512":"00"}}]"#, #"[{"name":"x"}]"#] {
            let text = #"{\#(type),"subject":\#(subjects),\#(sign)}"#
            #expect(reason(text)?.contains("another sum than SHA-256") == true, "\(text)")
        }
    }
}
