"""A Slurm of one node on this machine, with more processors than it has, for as long as a `with` lasts."""
import os
import pathlib
import secrets
import shutil
import socket
import subprocess
import tempfile
import time

CONF = """
ClusterName=loadgen
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs=64 RealMemory=1024 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
"""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Slurm:
    """`environment` makes `srun` and `sbatch` use it."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="loadgen-slurm-"))
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        host = socket.gethostname().split(".")[0]
        conf = CONF.format(host=host, folder=self.folder, ports=free_ports(2))
        (self.folder / "slurm.conf").write_text(conf)
        self.environment = {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf")}
        self.processes = []
        self.start_munge()
        self.start("slurmctld", "-D")
        self.start("slurmd", "-D", "-N", host)
        for _ in range(150):
            state = subprocess.run(
                ["sinfo", "-h", "-o", "%T"], env=self.environment, capture_output=True, text=True
            ).stdout.strip()
            if state in ("idle", "mixed"):
                return self
            time.sleep(0.2)
        logs = [(self.folder / f"{name}.out").read_text()[-2000:] for name in ("slurmctld", "slurmd")]
        self.__exit__()
        raise RuntimeError(f"Slurm did not start: {state}\n" + "\n".join(logs))

    def start_munge(self):
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        # It refuses a folder that others may write, and its clients must reach the socket.
        self.folder.chmod(0o755)
        self.start(
            "munged", "--foreground", "--force", f"--key-file={key}", f"--socket={self.folder}/munge.socket",
            f"--pid-file={self.folder}/munge.pid", f"--log-file={self.folder}/munge.log",
            f"--seed-file={self.folder}/munge.seed",
        )
        for _ in range(50):
            if (self.folder / "munge.socket").exists():
                return
            time.sleep(0.1)
        raise RuntimeError("munged did not start: " + (self.folder / "munged.out").read_text())

    def start(self, program, *arguments):
        with open(self.folder / f"{program}.out", "w") as out:
            self.processes.append(
                subprocess.Popen([program, *arguments], env=self.environment, stdout=out, stderr=out)
            )

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
