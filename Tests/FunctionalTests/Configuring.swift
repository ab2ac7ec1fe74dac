import Foundation
import TestSupport
import Testing

extension Functional {
    /// `rkt config`, and what configuration changes.
    @Suite struct Configuring {
        let rkt: Rkt

        init() throws { rkt = try Rkt() }

        private func write(_ path: String, _ members: String) throws {
            let directory = path.split(separator: "/").dropLast().joined(separator: "/")
            try rkt.scratch.makeDirectory(directory)
            try rkt.scratch.write("{\"rktVersion\":\"v1\",\(members)}", to: path)
        }

        @Test func configurationIsPrintedWithoutItsSecrets() throws {
            let login = #""credentials":{"user":"u","password":"hidden"}"#
            try write(
                "etc/auth.d/a.json",
                #""rktKind":"dockerAuth","registries":["r.io"],\#(login)"#
            )
            let local = "--local-config=\(rkt.scratch("etc"))"
            let plain = try rkt(local, "config")
            #expect(plain.succeeded && plain.output.contains("r.io"), "\(plain)")
            #expect(!plain.output.contains("hidden"), "\(plain)")
            let full = try rkt(local, "config", "--show-secrets", "--pretty-print=false")
            let entry =
                #"{"rktVersion":"v1","rktKind":"dockerAuth","registries":["r.io"],\#(login)}"#
            #expect(full.text == #"{"stage0":[\#(entry)]}"#, "\(full)")
        }

        @Test func theDataDirectoryMayBeConfigured() throws {
            let data = rkt.scratch("configured")
            try write("etc/paths.d/p.json", #""rktKind":"paths","data":"\#(data)""#)
            let outcome = try Execution([
                Rkt.program, "--local-config=\(rkt.scratch("etc"))", "--insecure-options=image",
                "fetch",
                try SharedFiles.busyboxACI.get(),
            ]).finished()
            #expect(outcome.succeeded, "\(outcome)")
            #expect(rkt.scratch.list("configured").contains("images"))
        }

        @Test func brokenConfigurationIsAnErrorWithItsName() throws {
            try write("etc/auth.d/bad.json", #""rktKind":"paths""#)
            let outcome = try rkt("--local-config=\(rkt.scratch("etc"))", "config")
            #expect(outcome.code == 254 && outcome.errors.contains("auth.d/bad.json"), "\(outcome)")
        }
    }
}
