import Foundation
import KMSCrypto
import KMSRecords
import KMSVault
import Testing

/// Who gets a key of the holder.
@Suite struct SupervisorHolderTests {
  /// Asks on descriptor 3, as a program does, for all that there is, and writes what it gets.
  private static let thief = #"""
    import socket, os, array, sys
    holder = socket.socket(fileno=os.dup(3))
    for first in (b"", b"hello", b"vault", b"x" * 1024):
        for name in (b"vault", b"view", b"approve", b"api-key"):
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ours.settimeout(5)
            got = b""
            try:
                holder.sendmsg([first], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))])
                theirs.close()
                got = ours.recv(100)
                ours.send(name)
                got += ours.recv(1024)
            except OSError:
                pass
            sys.stderr.write("thief %r %r %r\n" % (first[:10], name, got))
    holder.sendmsg([b"vault"])
    """#

  @Test(arguments: ["kms-fetch", "kms-verify", "kms-broadcast"])
  func anotherProgramInItsPlaceGetsNothing(place: String) throws {
    let run = try PipelineRun()
    try run.addETH("61dc00000000000000000001")
    let file = try run.vault.write("thief.py", Self.thief)
    let programs = try run.programs(
      replacing: place,
      with: """
        python3 '\(file)'
        exec $PROGRAM "$@"
        """)
    let result = try run.startSupervisor(
      ["--testnet", "--run-once", "--verbose"], environment: ["KMS_BIN_DIR": programs]
    )
    .wait()
    // The real program, after it, gets its own.
    #expect(result.status == 0, "\(result.errorText)")
    #expect(try result.records.map { $0["result"] != nil } == [true], "\(result.errorText)")
    let answers = result.errorText.split(separator: "\n").filter { $0.hasPrefix("thief ") }
    #expect(answers.count == 16 && answers.allSatisfy { $0.hasSuffix(" b''") }, "\(result.errorText)")
  }

  @Test func aCopyOfAProgramIsNotTheProgram() throws {
    let run = try PipelineRun()
    let programs = try run.programs(
      replacing: "kms-broadcast",
      with: """
        cp $PROGRAM "${0%/*}/copy" && exec "${0%/*}/copy" "$@"
        """)
    let result = try run.startSupervisor(["--testnet", "--run-once"], environment: ["KMS_BIN_DIR": programs])
      .wait()
    #expect(result.status == 77, "a copy of a program is not the program: \(result.errorText)")
    #expect(result.errorText.contains("key holder"))
  }

  @Test func nobodyLooksIntoTheHolder() throws {
    let run = try PipelineRun()
    let daemon = try run.startSupervisor(["--testnet", "--period=1"])
    try run.waitForFirstPoll()
    // The files of a process that is not dumpable belong to root.
    var status = stat()
    #expect(stat("/proc/\(daemon.processID)/mem", &status) == 0)
    #expect(status.st_uid == 0)
    let name = try String(contentsOfFile: "/proc/\(daemon.processID)/comm", encoding: .utf8)
    #expect(name == "kms-wallet\n", "the process that was started is the holder")
    daemon.send(SIGTERM)
    #expect(daemon.wait(timeoutSeconds: 180).status == 0)
  }
}
