import Testing

@testable import Transfers

/// Signatures that Amazon's documentation shows for its example key.
@Suite struct AWSSignatureTests {
    @Test(arguments: [
        ("?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        (
            "?max-keys=2&prefix=J",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        ),
    ])
    func documentedRequests(_ query: String, _ signature: String) throws {
        let url = try WebURL("https://examplebucket.s3.amazonaws.com/\(query)")
        let authorization = try AWSSignature(
            keyID: "AKIAIOSFODNN7EXAMPLE",
            key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            region: nil,
            host: url.host
        ).authorization(.get, url, at: 1_369_353_600)
        #expect(authorization.value.hasSuffix("Signature=\(signature)"), "\(authorization.value)")
        #expect(authorization.companions.contains("x-amz-date: 20130524T000000Z"))
        #expect(!"\(authorization)".contains("AKIA"))
    }

    @Test(arguments: [
        ("s3.amazonaws.com", "us-east-1"), ("bucket.s3.eu-west-1.amazonaws.com", "eu-west-1"),
        ("s3-eu-central-1.amazonaws.com", "eu-central-1"),
        ("b.s3.dualstack.us-west-2.amazonaws.com", "us-west-2"), ("example.com", "us-east-1"),
    ])
    func theHostTellsTheRegion(_ host: String, _ region: String) {
        #expect(AWSSignature.region(of: host) == region)
    }

    @Test(
        arguments: [
            (0, "19700101T000000Z"), (951_782_400, "20000229T000000Z"),
            (1_704_067_199, "20231231T235959Z"),
        ] as [(Int64, String)]
    )
    func timesAreWrittenAsTheyAreRead(_ seconds: Int64, _ text: String) {
        #expect(AWSSignature.timestamp(seconds) == text)
    }
}
