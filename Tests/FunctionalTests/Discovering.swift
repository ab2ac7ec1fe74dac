import TestSupport
import Testing

extension Functional {
    /// Images by name from a host with discovery, over TLS, in a network namespace of the test's own.
    @Suite(.requires("ip"), .requires("openssl"), .requires("python3")) struct Discovering {
        let rkt: Rkt
        let keys: KeyRing
        static let name = "localhost/team/app"
        static let signer = "Host <keys@localhost>"

        init() throws {
            rkt = try Rkt()
            keys = try KeyRing()
            try keys.makeKey(Self.signer)
            try rkt.scratch.makeDirectory("web")
            let aci = try ACI(Self.name).write(in: rkt.scratch, as: "web/app.aci")
            try keys.sign(aci, by: Self.signer)
            try keys.export(Self.signer, to: rkt.scratch("web/keys.asc"))
            let page = """
                <html><head>
                <meta name="ac-discovery" content="localhost/team https://localhost/app.{ext}">
                <meta name="ac-discovery-pubkeys" content="localhost https://localhost/keys.asc">
                </head></html>
                """
            try rkt.scratch.write(page, to: "web/index.html")
            try rkt.scratch.write(Self.server, to: "server.py")
            try rkt.scratch.makeCertificate()
        }

        // Serves `web`, over TLS and without; a path that isn't there gives the page, as a host with discovery does.
        private static let server = """
            import http.server, os, ssl, sys, threading
            class Handler(http.server.SimpleHTTPRequestHandler):
                def do_GET(self):
                    path = self.path.split("?")[0]
                    if path == "/moved.asc":
                        self.send_response(302)
                        self.send_header("Location", "http://localhost/keys.asc")
                        return self.end_headers()
                    if "ac-discovery=1" in self.path or path == "/": self.path = "/index.html"
                    super().do_GET()
                def log_message(self, *a): pass
                def parse_request(self):
                    known = super().parse_request()
                    line = self.raw_requestline.decode()
                    print(self.server.server_port, line, file=log, flush=True)
                    return known
            log = open("log", "w")
            os.chdir("web")
            def serve(port, context=None):
                server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
                if context: server.socket = context.wrap_socket(server.socket, server_side=True)
                thread = threading.Thread(target=server.serve_forever)
                thread.start()
            serve(80)
            if len(sys.argv) < 2:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain("../cert.pem", "../key.pem")
                serve(443, context)
                serve(8443, context)
            print("ready", flush=True)
            """

        /// Runs a script beside the server; `rkt` is the program under test.
        ///
        /// - Parameter isPlain: whether the host has no TLS at all.
        func run(_ script: String, isPlain: Bool = false) throws -> Outcome {
            let whole = """
                ip link set lo up
                cd '\(rkt.scratch.path)'
                export SSL_CERT_FILE=$PWD/cert.pem
                actool() { '\(Rkt.dist)/bin/actool' "$@"; }
                acbuild() { '\(Builder.program)' --dir='\(rkt.data)' --local-config=$PWD/etc "$@"; }
                rkt() { '\(Rkt.program)' --dir='\(rkt.data)' --local-config=$PWD/etc "$@"; }
                exec 3< <(exec python3 server.py \(isPlain ? "plain" : ""))
                server=$!
                read -u 3 ready
                (set -e; \(script)
                )
                code=$?
                kill $server
                exit $code
                """
            return try Execution(["/usr/bin/unshare", "-n", "/bin/bash", "-c", whole])
                .finished(within: 60)
        }

        @Test func aNameIsDiscoveredVerifiedAndRun() throws {
            let outcome = try run(
                """
                rkt --trust-keys-from-https fetch \(Self.name)
                rkt run --net=none \(Self.name) --exec=/bin/echo -- hello
                """
            )
            #expect(outcome.succeeded && outcome.lines.last == "hello", "\(outcome)")
            #expect(outcome.errors.contains("signature verified"), "\(outcome)")
        }

        /// What an image depends on comes from where its host says, under the same trust.
        @Test func dependenciesAreDiscoveredToo() throws {
            var top = ACI("localhost/team/top", archive: TarArchive())
            top.archive.add("rootfs/", .directory)
            top.overrides["dependencies"] = [["imageName": Self.name]]
            let file = try top.write(in: rkt.scratch, as: "top.aci")
            try keys.sign(file, by: Self.signer)
            let outcome = try run(
                """
                rkt trust --prefix=localhost/team --skip-fingerprint-review
                rkt fetch ./top.aci
                test $(rkt image list --no-legend | wc -l) = 2
                rkt run --net=none localhost/team/top --exec=/bin/echo -- hello
                rkt image rm \(Self.name)
                ! rkt run --net=none --pull-policy=never localhost/team/top --exec=/bin/true
                rkt run --net=none localhost/team/top --exec=/bin/echo -- again
                """
            )
            #expect(outcome.succeeded && outcome.lines.last == "again", "\(outcome)")
        }

        /// A size that the manifest tells and the server doesn't keep.
        @Test func aDependencyOfAnotherSizeIsRefused() throws {
            var top = ACI("localhost/team/top", archive: TarArchive())
            top.archive.add("rootfs/", .directory)
            top.overrides["dependencies"] = [["imageName": Self.name, "size": 1 << 40]]
            let long = try top.write(in: rkt.scratch, as: "long.aci")
            top.overrides["dependencies"] = [["imageName": Self.name, "size": 1000]]
            let short = try top.write(in: rkt.scratch, as: "short.aci")
            for file in [long, short] {
                let outcome = try run("rkt --insecure-options=image fetch \(file)")
                #expect(outcome.code == 254, "\(outcome)")
                #expect(outcome.errors.contains("bytes"), "\(outcome)")
            }
        }

        @Test func keysOfAHostAreTrustedOnlyIfSomebodySaysSo() throws {
            let outcome = try run("rkt fetch \(Self.name)")
            #expect(outcome.code == 254 && outcome.errors.contains("lack of tty"), "\(outcome)")
            let trusted = try run(
                """
                rkt trust --prefix=localhost/team --skip-fingerprint-review
                rkt fetch \(Self.name)
                """
            )
            #expect(trusted.succeeded, "\(trusted)")
        }

        @Test(.enabled(if: File.exists(Builder.program), "needs the release programs"))
        func aBuildBeginsWithWhatIsDiscoveredAndVerified() throws {
            let outcome = try run(
                """
                ! acbuild begin \(Self.name)
                rkt trust --prefix=localhost/team --skip-fingerprint-review
                for mode in appc oci; do for start in \(Self.name) https://localhost/app.aci; do
                  acbuild begin --build-mode=$mode $start
                  acbuild set-name localhost/team/$mode
                  acbuild write --overwrite $mode
                  acbuild end
                done; done
                rkt --insecure-options=image run --net=none $PWD/appc --exec=/bin/echo -- appc
                rkt run --net=none oci-archive:oci --exec=/bin/echo -- oci
                """
            )
            #expect(outcome.succeeded && outcome.lines.suffix(2) == ["appc", "oci"], "\(outcome)")
        }

        /// A host that is a registry: its image has the name that was typed, and is found by it.
        @Test func anImageOfTheHostAsARegistryHasItsName() throws {
            let image = try OCIImage(config: ["Cmd": ["/bin/echo", "ran"]])
            _ = try image.write(in: rkt.scratch, as: "layout")
            let outcome = try run(
                """
                place=web/v2/other/app
                mkdir -p $place/manifests $place/blobs
                for file in layout/blobs/sha256/*; do
                  cp $file $place/blobs/sha256:${file##*/}
                  if grep -q '"layers":' $file && ! grep -q diff_ids $file; then cp $file $place/manifests/v1; fi
                done
                rkt --insecure-options=image run --net=none localhost/other/app:v1
                rkt run --net=none localhost/other/app:v1
                rkt run --net=none --pull-policy=never localhost/other/app
                rkt image list --no-legend --fields=name
                rkt image rm localhost/other/app:v1
                """
            )
            #expect(outcome.succeeded, "\(outcome)")
            #expect(
                outcome.lines.prefix(4) == ["ran", "ran", "ran", "localhost/other/app:v1"],
                "\(outcome)"
            )
        }

        @Test(
            .enabled(if: File.exists(Builder.program), "needs the release programs"),
            arguments: [
                ("\(name)", 443), ("localhost:8443/team/app:1.0,os=linux", 8443),
                ("--port=8443 \(name):1.0", 8443),
            ],
            ["acbuild", "actool"]
        )
        func placesArePrinted(_ asked: (String, Int), _ program: String) throws {
            let (arguments, port) = asked
            let outcome = try run("\(program) discover \(arguments); cat log")
            #expect(
                outcome.lines.prefix(2) == [
                    "ACI: https://localhost/app.aci, ASC: https://localhost/app.aci.asc",
                    "PublicKeys: https://localhost/keys.asc",
                ],
                "\(outcome)"
            )
            #expect(outcome.output.contains("\(port) GET /team/app?ac-discovery=1"), "\(outcome)")
            let json = try run("\(program) discover --json \(arguments)")
            #expect(json.output.contains(#""ACI": "https://localhost/app.aci""#), "\(json)")
        }

        @Test(arguments: ["--port=0 \(name)", "--port=x \(name)", "--port=8443 localhost"])
        func aPortThatLeadsNowhereIsRefused(_ arguments: String) throws {
            let outcome = try run("actool discover \(arguments); cat log")
            #expect(!outcome.succeeded && outcome.output.isEmpty, "\(outcome)")
        }

        @Test func anotherImageThanTheOneAskedForIsRefused() throws {
            let outcome = try run("rkt --insecure-options=image fetch localhost/team/other")
            #expect(outcome.code == 254, "\(outcome)")
            #expect(outcome.errors.contains("the archive is the image"), "\(outcome)")
        }

        @Test func aHostWithoutDiscoveryIsAskedAsARegistryOnlyIfImagesMayBeUnsigned() throws {
            let registry = "/v2/other/app/"
            let asked = try run("rkt --insecure-options=image fetch localhost/other/app || cat log")
            #expect(asked.output.contains(registry), "\(asked)")
            let signed = try run("rkt fetch localhost/other/app || cat log")
            #expect(signed.output.contains("/other/app?ac-discovery=1"), "\(signed)")
            #expect(!signed.output.contains(registry), "\(signed)")
        }

        @Test func aConfiguredOriginTakesTheHostsPlace() throws {
            let origin = """
                {"rktKind": "origin", "rktVersion": "v1", "prefix": "example.com/moved",
                 "template": "https://localhost/moved.{ext}"}
                """
            try rkt.scratch.makeDirectory("etc/origins.d")
            try rkt.scratch.write(origin, to: "etc/origins.d/moved.json")
            _ = try ACI("example.com/moved/app").write(in: rkt.scratch, as: "web/moved.aci")
            let outcome = try run(
                "rkt --insecure-options=image fetch example.com/moved/app && cat log"
            )
            #expect(outcome.succeeded && outcome.output.contains("/moved.aci"), "\(outcome)")
            #expect(!outcome.output.contains("ac-discovery"), "\(outcome)")
        }
    }
}
