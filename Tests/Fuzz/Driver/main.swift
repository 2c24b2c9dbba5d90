// kms-fuzz: one fuzz target under libFuzzer. scripts/fuzz builds and starts it.
//
// KMS_FUZZ_TARGET names the target; the arguments are libFuzzer's (-help=1 lists them). Without it, prints the names
// of all targets, each with the longest input that is worth trying.

internal import CLibFuzzer
internal import Glibc

guard let name = getenv("KMS_FUZZ_TARGET").map({ String(cString: $0) }), !name.isEmpty else {
  for target in FuzzTarget.all.values.sorted(by: { $0.name < $1.name }) {
    print(target.name, target.maximumLength)
  }
  exit(0)
}
guard let target = FuzzTarget.all[name] else {
  Driver.say("error: there is no target \(name)")
  exit(64)
}
Driver.select(target)
var argumentCount = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(LLVMFuzzerRunDriver(&argumentCount, &arguments) { data, count in Driver.run(data, count) })
