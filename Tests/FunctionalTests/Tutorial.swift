import TestSupport
import Testing

extension Functional {
    /// The guide from a C program to an image that runs on another machine.
    @Suite(
        .requires("gcc"),
        .requires("gpg"),
        .requires("nginx"),
        .requires("openssl"),
        .requires("ip")
    )
    struct Tutorial {
        @Test func everyCommandOfTheGuideDoesWhatItShows() throws {
            let outcome = try Execution([
                "\(Rkt.packageDirectory)/Scripts/tutorial", Rkt.dist,
            ]).finished(within: 180)
            #expect(outcome.succeeded, "\(outcome)")
            #expect(outcome.output.contains("other$ rkt run"), "\(outcome)")
        }
    }
}
