import Foundation
import TestSupport
import Testing

extension Functional {
    /// What a host lets in, and signatures of images of registries.
    @Suite(.requires("docker-registry"), .requires("skopeo"), .requires("openssl")) struct Policies
    {
        let lab: SignedRegistry
        private var rkt: Rkt { lab.rkt }
        private var registry: Registry { lab.registry }
        private var name: String { lab.name }

        init() throws { lab = try SignedRegistry() }

        @Test(arguments: ["ecdsa", "ed25519", "rsa", "rsa-pss"])
        func anImageSignedByAKeyOfThePolicyIsLetIn(_ kind: String) throws {
            let key = try lab.key("team", kind == "rsa-pss" ? "rsa" : kind)
            try lab.policy(keys: [key])
            let digest = try lab.push()
            try lab.sign(digest, by: "team", padding: kind == "rsa-pss" ? "pss" : nil)
            let outcome = try lab.fetch()
            #expect(outcome.succeeded, "\(outcome)")
            let run = try rkt(
                "--insecure-options=http",
                "--local-config=\(rkt.scratch("config"))",
                "run",
                "--net=none",
                lab.reference,
                "--exec=/bin/cat",
                "--",
                "/marks/one"
            )
            #expect(run.text == "one", "\(run)")
        }

        @Test func aSignatureAmongTheReferrersCounts() throws {
            let key = try lab.key("team")
            try lab.policy(keys: [key])
            try lab.sign(try lab.push(), by: "team", asReferrer: true)
            let outcome = try lab.fetch()
            #expect(outcome.succeeded, "\(outcome)")
        }

        @Test func otherSignaturesAreRefusedWithTheReason() throws {
            let key = try lab.key("team")
            try lab.key("stranger")
            try lab.policy(keys: [key])
            let digest = try lab.push()
            func refusal() throws -> String {
                let outcome = try lab.fetch()
                #expect(outcome.code == 254, "\(outcome)")
                #expect(try lab.isEmpty())
                return outcome.errors
            }
            #expect(try refusal().contains("the registry has none"))
            try lab.sign(digest, by: "stranger")
            #expect(try refusal().contains("none of the policy's keys has made it"))
            try lab.sign(digest, by: "team", tampered: true)
            #expect(try refusal().contains("none of the policy's keys has made it"))
            let other = "sha256:" + String(repeating: "0", count: 64)
            try lab.sign(other, by: "team", at: digest)
            #expect(try refusal().contains("it is the signature of another image, \(other)"))
            try lab.sign(digest, by: "team", as: "example.com/other")
            #expect(try refusal().contains("it was signed as \"example.com/other\""))
            try lab.sign(digest, by: "team")
            #expect(try lab.fetch().succeeded)
        }

        @Test func aMirroredImageIsCheckedByTheNameItWasSignedAs() throws {
            let key = try lab.key("team")
            try lab.policy(
                "\(name)",
                "signedBy",
                #", "keys": ["\#(key)"], "signedAs": "example.com/origin""#
            )
            try lab.sign(try lab.push(), by: "team", as: "example.com/origin")
            let outcome = try lab.fetch()
            #expect(outcome.succeeded, "\(outcome)")
        }

        @Test func whatWasLetInWithoutASignatureIsNotEnoughLater() throws {
            let digest = try lab.push()
            #expect(try lab.fetch("http,image").succeeded)
            let key = try lab.key("team")
            try lab.policy(keys: [key])
            func run(_ policy: String) throws -> Outcome {
                try rkt(
                    "--insecure-options=http",
                    "--local-config=\(rkt.scratch("config"))",
                    "run",
                    "--pull-policy=\(policy)",
                    "--net=none",
                    lab.reference,
                    "--exec=/bin/true"
                )
            }
            for policy in ["never", "new", "update"] {
                let outcome = try run(policy)
                #expect(outcome.code == 254, "\(outcome)")
                #expect(outcome.errors.contains("signature"), "\(outcome)")
            }
            try lab.sign(digest, by: "team")
            let outcome = try run("new")
            #expect(outcome.succeeded, "\(outcome)")
            #expect(try run("never").succeeded)
            // The user's word for one command goes over a rule, and takes nothing from what was checked.
            #expect(try lab.fetch("http,image").succeeded)
            #expect(try run("never").succeeded)
        }

        @Test func thePolicyOfTheLongestPrefixCounts() throws {
            _ = try lab.push()
            try lab.policy("", "reject")
            let refused = try lab.fetch("http,image")
            #expect(refused.code == 254)
            #expect(refused.errors.contains("the policy for all images rejects"), "\(refused)")
            #expect(try lab.isEmpty())
            try lab.policy(String(name.dropLast("/app".count)), "insecureAcceptAnything")
            let accepted = try lab.fetch()
            #expect(accepted.succeeded, "\(accepted)")
            try lab.policy("\(name)", "reject")
            #expect(try lab.fetch().code == 254)
            let byID = try rkt(
                "--local-config=\(rkt.scratch("config"))",
                "run",
                "--net=none",
                accepted.text,
                "--exec=/bin/true"
            )
            #expect(byID.errors.contains("rejects"), "\(byID)")
        }

        @Test func everyFormatIsHeldToThePolicy() throws {
            let layout = try OCIImage().write(in: rkt.scratch, as: "layout")
            let aci = try SharedFiles.busyboxACI.get()
            try lab.policy("", "signedBy")
            for image in [layout, aci] {
                let outcome = try lab.fetch("none", image)
                #expect(outcome.code == 254, "\(image): \(outcome)")
                #expect(try lab.isEmpty(), "\(image)")
            }
            let waived = try lab.fetch("image", layout)
            #expect(waived.succeeded, "\(waived)")
            try lab.policy("", "reject")
            for image in [layout, aci] {
                #expect(try lab.fetch("image", image).code == 254, "\(image)")
            }
            try lab.policy("", "insecureAcceptAnything")
            #expect(try lab.fetch("none", aci).succeeded)
        }

        /// What the store has from before is no way around a policy, nor is an image that builds on it.
        @Test func nothingIsBuiltOnARejectedImage() throws {
            let builder = try Builder()
            try builder.rkt.fetch(try SharedFiles.busyboxACI.get())
            try builder.scratch.write(
                #"{"rktKind":"policy","rktVersion":"v1","prefix":"\#(busybox)","requirement":"reject"}"#,
                to: "config/policy.d/busybox.json"
            )
            try builder.scratch.write("FROM \(busybox)\n", to: "Containerfile")
            let config = "--local-config=\(builder.scratch("config"))"
            for command in [["begin", busybox], ["build", "--build-mode=appc", "--tag=a"]] {
                #expect(try builder(command).succeeded, "\(command)")
                _ = try builder("end")
                let refused = try builder([config, "--insecure-options=image"] + command)
                #expect(!refused.succeeded && refused.errors.contains("rejects"), "\(refused)")
            }
        }

        @Test(arguments: [
            (
                #"{"rktKind":"policy","rktVersion":"v1","prefix":"x","requirement":"maybe"}"#,
                "neither"
            ),
            (#"{"rktKind":"policy","rktVersion":"v1","requirement":"reject"}"#, "prefix"),
            (
                #"{"rktKind":"policy","rktVersion":"v1","prefix":"","requirement":"signedBy","keys":["k.pub"]}"#,
                "absolute"
            ),
            ("{", "bad configuration"),
        ])
        func aPolicyThatCannotBeReadLetsNothingIn(_ text: String, _ reason: String) throws {
            try rkt.scratch.write(text, to: "config/policy.d/bad.json")
            let outcome = try lab.fetch("image", try SharedFiles.busyboxACI.get())
            #expect(outcome.code == 254)
            #expect(outcome.errors.contains(reason), "\(outcome)")
            #expect(try lab.isEmpty())
        }

        /// What a key's file can be instead of one, and what is said about it.
        static let keyFiles = [
            ("missing", "No such file"), ("directory", "not a file"), ("fifo", "not a file"),
            ("link", "symbolic link"), ("large", "more than 65536 bytes"),
            ("text", "no public key"), ("empty", "no public key"), ("cut", "no public key"),
            ("private", "private key"), ("several", "several keys"),
            ("certificate", "no public key"), ("noise", "not base64"), ("short", "is none"),
        ]

        @Test(arguments: keyFiles)
        func aKeyThatIsNoneIsSaidAndNothingIsLetIn(_ kind: String, _ reason: String) throws {
            let digest = try lab.push()
            let good = try lab.key("team")
            try lab.sign(digest, by: "team")
            let file = rkt.scratch("bad.pub")
            let text = try String(contentsOfFile: good, encoding: .utf8)
            switch kind {
            case "directory": try rkt.scratch.makeDirectory("bad.pub")
            case "fifo": try tool("mkfifo", file)
            case "link": try tool("ln", "-s", good, file)
            case "large":
                try rkt.scratch.write(text + String(repeating: "\n", count: 65536), to: "bad.pub")
            case "text": try rkt.scratch.write("no key", to: "bad.pub")
            case "empty": try rkt.scratch.write("", to: "bad.pub")
            case "cut": try rkt.scratch.write(String(text.dropLast(10)), to: "bad.pub")
            case "private": try tool("cp", rkt.scratch("team.key"), file)
            case "several": try rkt.scratch.write(text + text, to: "bad.pub")
            case "certificate":
                try tool(
                    ["openssl", "req", "-x509", "-key", rkt.scratch("team.key"), "-subj", "/CN=x"]
                        + ["-out", file]
                )
            case "noise":
                let noise = "-----BEGIN PUBLIC KEY-----\n?\n-----END PUBLIC KEY-----\n"
                try rkt.scratch.write(noise, to: "bad.pub")
            case "short": try lab.key("bad", "short")
            default: break
            }
            // A good key beside it is no excuse.
            try lab.policy(keys: [good, file])
            let outcome = try lab.fetch()
            #expect(outcome.code == 254)
            #expect(outcome.errors.contains("\"\(file)\""), "\(outcome)")
            #expect(outcome.errors.contains(reason), "\(outcome)")
            #expect(try lab.isEmpty())
        }

        @Test func aKeyThatIsGoneLetsNothingOutOfTheStore() throws {
            let key = try lab.key("team")
            try lab.policy(keys: [key])
            try lab.sign(try lab.push(), by: "team")
            #expect(try lab.run().text == "one")
            try tool("mv", key, key + ".old")
            for pull in ["never", "new", "update"] {
                let outcome = try lab.run(pull: pull)
                #expect(outcome.code == 254, "\(outcome)")
                #expect(outcome.errors.contains("cannot use \"\(key)\""), "\(outcome)")
            }
            try tool("mv", key + ".old", key)
            #expect(try lab.run(pull: "never").text == "one")
        }
    }
}
