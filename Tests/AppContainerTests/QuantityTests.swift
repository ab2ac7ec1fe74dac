import AppContainer
import JSON
import Testing

struct QuantityTests {
    @Test(
        arguments: [
            ("0", 0, 0), ("1", 1, 1000), ("500m", 1, 500), ("1.5", 2, 1500), (".5", 1, 500),
            ("5.", 5, 5000),
            ("1n", 1, 1), ("0.1n", 1, 1), ("-1.5", -1, -1500), ("+2", 2, 2000),
            ("1k", 1000, 1_000_000),
            ("16Mi", 16 << 20, 16_777_216_000), ("1.5Gi", 3 << 29, 1_610_612_736_000),
            ("1e3", 1000, 1_000_000),
            ("1E3", 1000, 1_000_000), ("1E", 1_000_000_000_000_000_000, .max), ("2e-3", 1, 2),
            ("7Ei", 7 << 60, .max), ("8Ei", .max, .max), ("1e9999", .max, .max), ("1e-9999", 1, 1),
            ("0e999999999", 0, 0), ("99999999999999999999999999999", .max, .max),
            ("0.00000000000000000000000000000000001", 1, 1),
            ("9223372036854775807", .max, .max), ("9223372036854775806", .max - 1, .max),
        ] as [(String, Int64, Int64)]
    )
    func amountIsExact(text: String, units: Int64, thousandths: Int64) throws {
        let quantity = try Quantity(text)
        #expect(quantity.units == units)
        #expect(quantity.thousandths == thousandths)
    }

    /// `K` and `g` aren't suffixes to the reference implementation, whatever the specification says.
    @Test(arguments: [
        "", ".", "+", "-", "1K", "1g", "1 M", " 1", "1Mb", "1.2.3", "1e", "1e1.5", "--1", "0x1",
        "1e99999999999",
        "MM", "١",
    ])
    func otherTextIsRefused(text: String) {
        #expect(throws: ManifestError.quantity(text)) { try Quantity(text) }
    }

    @Test
    func numberAndStringReadAlike() throws {
        #expect(try Quantity(json: 50).units == 50)
        #expect(try Quantity(json: .number("1.5")).thousandths == 1500)
        #expect(try Quantity(json: "1.5").thousandths == 1500)
        #expect(throws: ManifestError.self) { try Quantity(json: true) }
    }
}
