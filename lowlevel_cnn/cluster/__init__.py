"""Training by several tasks on TensorFlow's distributed runtime; `TF_CONFIG` says which of them a process is.

| file                  | what                                                                              |
| --------------------- | --------------------------------------------------------------------------------- |
| `task.py`             | `TF_CONFIG`: the tasks' addresses, and which one this process is                  |
| `graph.py`            | where the variables are, and how the tasks' gradients come together               |
| `session.py`          | this task's server and sessions                                                   |
| `coordination.py`     | what the tasks tell one another: begin, which batch, the end                      |
| `task_graph.py`       | what every task that trains builds and feeds                                      |
| `batch_claims.py`     | which task takes which batch of an asynchronous run                               |
| `chief.py`            | leads and saves, with the loop of a process alone                                 |
| `worker.py`           | works along                                                                       |
| `parameter_server.py` | holds variables                                                                   |
| `local.py`            | a cluster on this machine, for `run --workers --parameter-servers`                |
"""
