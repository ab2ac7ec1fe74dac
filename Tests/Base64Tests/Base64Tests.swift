import Testing

@testable import Base64

@Suite struct Base64Tests {
    /// The vectors of RFC 4648, section 10, and both alphabets' own letters.
    static let vectors: [(String, String)] = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: vectors) func bytesAndTextAreEachOthers(_ plain: String, _ text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == text)
        #expect(Base64.decode(text.utf8) == Array(plain.utf8))
    }

    @Test func bothAlphabetsAreRead() {
        #expect(Base64.decode("-_-_".utf8) == [0xFB, 0xFF, 0xBF])
        #expect(Base64.decode("+/+/".utf8) == [0xFB, 0xFF, 0xBF])
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "=", "====", "Zm9v=", "Zm9v====", "Zh==", "Zm9=", "Zg==Zg==",
        "Zm 9v", "Zm9v\n", "Zm9*", "é===",
    ])
    func whatIsNotExactlyThatIsRefused(_ text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }
}
