import Foundation
import TestSupport
import Testing

extension Functional {
    /// What a host lets in, and signatures of images of registries.
    @Suite(.requires("docker-registry"), .requires("skopeo"), .requires("openssl")) struct Policies
    {
        let rkt: Rkt
        let registry: Registry

        init() throws {
            rkt = try Rkt()
            registry = try Registry()
        }

        /// The name that the image has here: a port's colon is none in it.
        private var name: String {
            "\(registry.authority.replacingOccurrences(of: ":", with: "_"))/team/app"
        }
        private var reference: String { "docker://\(registry.authority)/team/app:1" }

        private func policy(_ prefix: String, _ requirement: String, _ more: String = "") throws {
            let text = """
                {"rktKind": "policy", "rktVersion": "v1", "prefix": "\(prefix)",
                 "requirement": "\(requirement)"\(more)}
                """
            let file = prefix.isEmpty ? "all" : prefix.replacingOccurrences(of: "/", with: "-")
            try rkt.scratch.write(text, to: "config/policy.d/\(file).json")
        }

        private func fetch(_ options: String = "http", _ image: String? = nil) throws -> Outcome {
            try rkt(
                "--insecure-options=\(options)",
                "--local-config=\(rkt.scratch("config"))",
                "fetch",
                image ?? reference,
                within: 60
            )
        }

        private func isEmpty() throws -> Bool {
            try rkt("image", "list", "--no-legend").output.isEmpty
        }

        /// Makes a key pair; the public half's path.
        @discardableResult
        private func key(_ name: String, _ kind: String = "ecdsa") throws -> String {
            let (file, open) = (rkt.scratch("\(name).key"), rkt.scratch("\(name).pub"))
            let flags =
                switch kind {
                case "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
                case "short": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"]
                case "ed25519": ["-algorithm", "ED25519"]
                default: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
                }
            try tool(["openssl", "genpkey", "-out", file] + flags)
            try tool("openssl", "pkey", "-in", file, "-pubout", "-out", open)
            return open
        }

        private func push(marks: String = "one", to name: String = "team/app:1") throws -> String {
            var image = try OCIImage()
            var layer = TarArchive()
            layer.add("marks/\(marks)", text: marks)
            image.layers.append(layer)
            try registry.push(try image.write(in: rkt.scratch, as: marks), to: name)
            return try registry.skopeo([
                "inspect", "--tls-verify=false", "--format={{.Digest}}",
                "docker://\(registry.authority)/\(name)",
            ])
        }

        /// Signs a digest and puts the signature where cosign puts it.
        private func sign(
            _ digest: String,
            by key: String,
            as identity: String? = nil,
            at place: String? = nil,
            tampered: Bool = false,
            padding: String? = nil,
            asReferrer: Bool = false
        ) throws {
            let payload = """
                {"critical":{"identity":{"docker-reference":"\(identity ?? "\(registry.authority)/team/app")"},\
                "image":{"docker-manifest-digest":"\(digest)"},\
                "type":"cosign container image signature"},"optional":null}
                """
            let file = try rkt.scratch.write(payload, to: "payload")
            let (secret, result) = (rkt.scratch("\(key).key"), rkt.scratch("signature"))
            let text = try tool("openssl", "pkey", "-in", secret, "-noout", "-text")
            if text.contains("ED25519") {
                try tool(
                    "openssl",
                    "pkeyutl",
                    "-sign",
                    "-inkey",
                    secret,
                    "-rawin",
                    "-in",
                    file,
                    "-out",
                    result
                )
            } else {
                let options = padding.map { ["-sigopt", "rsa_padding_mode:\($0)"] } ?? []
                try tool(
                    ["openssl", "dgst", "-sha256", "-sign", secret] + options
                        + ["-out", result, file]
                )
            }
            if tampered { try rkt.scratch.write(payload + " ", to: "payload") }
            try tool(
                "python3",
                "-c",
                Self.upload,
                registry.authority,
                place ?? digest,
                file,
                result,
                asReferrer ? digest : ""
            )
        }

        private static let upload = #"""
            import base64, hashlib, json, sys, urllib.request
            authority, digest, payload, signature, subject = sys.argv[1:]
            base = f"http://{authority}/v2/team/app/"
            def send(method, url, data, kind):
                request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": kind})
                return urllib.request.urlopen(request)
            def blob(data):
                name = "sha256:" + hashlib.sha256(data).hexdigest()
                place = send("POST", base + "blobs/uploads/", b"", "application/octet-stream").headers["Location"]
                send("PUT", place + ("&" if "?" in place else "?") + "digest=" + name, data, "application/octet-stream")
                return {"digest": name, "size": len(data)}
            kind = "application/vnd.oci.image.manifest.v1+json"
            layer = dict(blob(open(payload, "rb").read()), mediaType="application/vnd.dev.cosign.simplesigning.v1+json",
                         annotations={"dev.cosignproject.cosign/signature": base64.b64encode(open(signature, "rb").read()).decode()})
            config = dict(blob(b"{}"), mediaType="application/vnd.oci.image.config.v1+json")
            manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": [layer]}).encode()
            name = digest.replace(":", "-")
            if subject:  # a registry without the interface for referrers: an index under a tag made of the digest
                own = "sha256:" + hashlib.sha256(manifest).hexdigest()
                send("PUT", base + "manifests/" + own, manifest, kind)
                index = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
                    {"mediaType": kind, "digest": own, "size": len(manifest)}]}).encode()
                send("PUT", base + "manifests/" + name, index, "application/vnd.oci.image.index.v1+json")
            else:
                send("PUT", base + "manifests/" + name + ".sig", manifest, kind)
            """#

        @Test(arguments: ["ecdsa", "ed25519", "rsa", "rsa-pss"])
        func anImageSignedByAKeyOfThePolicyIsLetIn(_ kind: String) throws {
            let key = try key("team", kind == "rsa-pss" ? "rsa" : kind)
            try policy("\(name)", "signedBy", #", "keys": ["\#(key)"]"#)
            let digest = try push()
            try sign(digest, by: "team", padding: kind == "rsa-pss" ? "pss" : nil)
            let outcome = try fetch()
            #expect(outcome.succeeded, "\(outcome)")
            let run = try rkt(
                "--insecure-options=http",
                "--local-config=\(rkt.scratch("config"))",
                "run",
                "--net=none",
                reference,
                "--exec=/bin/cat",
                "--",
                "/marks/one"
            )
            #expect(run.text == "one", "\(run)")
        }

        @Test func aSignatureAmongTheReferrersCounts() throws {
            let key = try key("team")
            try policy("\(name)", "signedBy", #", "keys": ["\#(key)"]"#)
            try sign(try push(), by: "team", asReferrer: true)
            let outcome = try fetch()
            #expect(outcome.succeeded, "\(outcome)")
        }

        @Test func otherSignaturesAreRefusedWithTheReason() throws {
            let key = try key("team")
            try self.key("stranger")
            try policy("\(name)", "signedBy", #", "keys": ["\#(key)"]"#)
            let digest = try push()
            func refusal() throws -> String {
                let outcome = try fetch()
                #expect(outcome.code == 254, "\(outcome)")
                #expect(try isEmpty())
                return outcome.errors
            }
            #expect(try refusal().contains("the registry has none"))
            try sign(digest, by: "stranger")
            #expect(try refusal().contains("none of the policy's keys has made it"))
            try sign(digest, by: "team", tampered: true)
            #expect(try refusal().contains("none of the policy's keys has made it"))
            let other = "sha256:" + String(repeating: "0", count: 64)
            try sign(other, by: "team", at: digest)
            #expect(try refusal().contains("it is the signature of another image, \(other)"))
            try sign(digest, by: "team", as: "example.com/other")
            #expect(try refusal().contains("it was signed as \"example.com/other\""))
            try sign(digest, by: "team")
            #expect(try fetch().succeeded)
        }

        @Test func aMirroredImageIsCheckedByTheNameItWasSignedAs() throws {
            let key = try key("team")
            try policy(
                "\(name)",
                "signedBy",
                #", "keys": ["\#(key)"], "signedAs": "example.com/origin""#
            )
            try sign(try push(), by: "team", as: "example.com/origin")
            let outcome = try fetch()
            #expect(outcome.succeeded, "\(outcome)")
        }

        @Test func whatWasLetInWithoutASignatureIsNotEnoughLater() throws {
            let digest = try push()
            #expect(try fetch("http,image").succeeded)
            let key = try key("team")
            try policy("\(name)", "signedBy", #", "keys": ["\#(key)"]"#)
            func run(_ policy: String) throws -> Outcome {
                try rkt(
                    "--insecure-options=http",
                    "--local-config=\(rkt.scratch("config"))",
                    "run",
                    "--pull-policy=\(policy)",
                    "--net=none",
                    reference,
                    "--exec=/bin/true"
                )
            }
            for policy in ["never", "new", "update"] {
                let outcome = try run(policy)
                #expect(outcome.code == 254, "\(outcome)")
                #expect(outcome.errors.contains("signature"), "\(outcome)")
            }
            try sign(digest, by: "team")
            let outcome = try run("new")
            #expect(outcome.succeeded, "\(outcome)")
            #expect(try run("never").succeeded)
            // The user's word for one command goes over a rule, and takes nothing from what was checked.
            #expect(try fetch("http,image").succeeded)
            #expect(try run("never").succeeded)
        }

        @Test func thePolicyOfTheLongestPrefixCounts() throws {
            _ = try push()
            try policy("", "reject")
            let refused = try fetch("http,image")
            #expect(refused.code == 254)
            #expect(refused.errors.contains("the policy for all images rejects"), "\(refused)")
            #expect(try isEmpty())
            try policy(String(name.dropLast("/app".count)), "insecureAcceptAnything")
            let accepted = try fetch()
            #expect(accepted.succeeded, "\(accepted)")
            try policy("\(name)", "reject")
            #expect(try fetch().code == 254)
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
            try policy("", "signedBy")
            for image in [layout, aci] {
                let outcome = try fetch("none", image)
                #expect(outcome.code == 254, "\(image): \(outcome)")
                #expect(try isEmpty(), "\(image)")
            }
            let waived = try fetch("image", layout)
            #expect(waived.succeeded, "\(waived)")
            try policy("", "reject")
            for image in [layout, aci] {
                #expect(try fetch("image", image).code == 254, "\(image)")
            }
            try policy("", "insecureAcceptAnything")
            #expect(try fetch("none", aci).succeeded)
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
            let outcome = try fetch("image", try SharedFiles.busyboxACI.get())
            #expect(outcome.code == 254)
            #expect(outcome.errors.contains(reason), "\(outcome)")
            #expect(try isEmpty())
        }

        @Test(arguments: ["missing", "text", "short"])
        func aKeyThatIsNoneIsSaid(_ kind: String) throws {
            _ = try push()
            let file = rkt.scratch("bad.pub")
            switch kind {
            case "text": try rkt.scratch.write("no key", to: "bad.pub")
            case "short": try key("bad", "short")
            default: break
            }
            try policy("\(name)", "signedBy", #", "keys": ["\#(file)"]"#)
            let outcome = try fetch()
            #expect(outcome.code == 254)
            #expect(outcome.errors.contains(file), "\(outcome)")
        }
    }
}
