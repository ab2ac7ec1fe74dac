import TestSupport
import Testing

extension Functional {
    /// Programs people run, from Debian's packages.
    @Suite(.tags(.slow), .requiresDebianImage) struct RealImages {
        let rkt: Rkt
        let image: String

        init() throws {
            rkt = try SharedFiles.debianEngine()
            image = "oci:\(Machine.debianLayout ?? ""):debian"
        }

        @Test func aptTellsItsVersion() throws {
            let outcome = try rkt(
                "run",
                "--net=none",
                image,
                "--exec=/usr/bin/apt-get",
                "--",
                "--version"
            )
            #expect(outcome.output.hasPrefix("apt "), "\(outcome)")
        }

        @Test func redisAnswersAndStops() throws {
            let pod = try rkt.startPod(
                ["--net=none", image, "--name=redis", "--user=redis", "--group=redis"]
                    + ["--exec=/usr/bin/redis-server", "--", "--save", "", "--bind", "127.0.0.1"]
            )
            let answers = try eventually(within: 20) {
                try rkt("enter", pod.uuid, "/usr/bin/redis-cli", "ping").text == "PONG"
            }
            #expect(answers, "\(pod.execution.output)")
            #expect(try rkt("stop", pod.uuid).succeeded)
            let end = pod.execution.finished(within: 20)
            #expect(end.code == 0, "\(end)")
        }

        @Test func nginxServesAndStops() throws {
            let configuration = "daemon off; error_log stderr;"
            let pod = try rkt.startPod(
                [
                    "--net=none", image, "--name=nginx", "--exec=/usr/sbin/nginx", "--", "-g",
                    configuration,
                ]
            )
            let request =
                #"exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET / HTTP/1.0\r\n\r\n' >&3; cat <&3"#
            var answer = ""
            let serves = try eventually(within: 20) {
                answer = try rkt("enter", pod.uuid, "/bin/bash", "-c", request).output
                return answer.contains("200 OK")
            }
            #expect(serves, "\(answer)\(pod.execution.errors)")
            #expect(try rkt("stop", pod.uuid).succeeded)
            #expect(pod.execution.finished(within: 20).code == 0)
        }

        @Test func postgresAnswersAndStops() throws {
            let script = """
                export PATH=$PATH:/usr/lib/postgresql/15/bin
                initdb -D /tmp/db -A trust >/dev/null
                exec postgres -D /tmp/db -k /tmp -c listen_addresses=''
                """
            let pod = try rkt.startPod(
                ["--net=none", image, "--name=postgres", "--user=postgres", "--group=postgres"]
                    + ["--exec=/bin/bash", "--", "-c", script]
            )
            var answer = ""
            let answers = try eventually(within: 60) {
                let query = "select 6*7"
                answer = try rkt(
                    "enter",
                    pod.uuid,
                    "/usr/bin/psql",
                    "-h",
                    "/tmp",
                    "-U",
                    "postgres",
                    "-tAc",
                    query
                ).text
                return answer == "42"
            }
            #expect(answers, "\(answer)\(pod.execution.errors)")
            #expect(try rkt("stop", "--timeout=20s", pod.uuid).succeeded)
            #expect(!pod.execution.finished(within: 30).isTimedOut)
        }
    }
}
