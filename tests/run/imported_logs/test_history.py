"""Habits of programs: which part, which measure, which name."""

import pytest
from log_files import columns_of, log_of

RIGHT = {"epoch": [1, 2], "loss": [1.5, 1.2], "val_loss": [1.6, 1.4]}


def test_percent_without_a_sign_is_divided_in_both_parts_and_said():
    log = log_of("epoch,train_acc,val_acc\n0,40,0.9\n1,50,1.1\n")
    assert list(log.history["accuracy"]) == [0.4, 0.5]
    assert list(log.history["val_accuracy"]) == pytest.approx([0.009, 0.011])
    assert "divided by 100: accuracy" in log.notes[0]


def test_percent_signs_in_cells_and_header_count_once():
    assert columns_of("epoch,acc (%),val_acc\n0,41.2 %,30%\n1,51.2,40%\n")["accuracy"] == pytest.approx([0.412, 0.512])


def test_a_loss_above_one_stays():
    assert columns_of("epoch,loss\n0,41\n1,40\n")["loss"] == [41, 40]


def test_ultralytics_measures_its_metrics_on_validation():
    content = "epoch,time,train/loss,metrics/accuracy_top1,val/loss,lr/pg0\n1,9,1.5,.4,1.6,.1\n2,18,1.2,.5,1.4,.1\n"
    log = log_of(content)
    assert list(log.history) == ["epoch", "seconds", "loss", "val_accuracy", "val_loss", "learning_rate"]
    assert any("Ultralytics" in note for note in log.notes)


def test_fastai_measures_its_metrics_on_validation():
    log = log_of("epoch,train_loss,valid_loss,accuracy,time\n0,1.5,1.6,0.4,00:45\n1,1.2,1.4,0.5,00:46\n")
    assert list(log.history) == ["epoch", "loss", "val_loss", "val_accuracy", "seconds"]
    assert list(log.history["seconds"]) == [45, 46]
    assert "fastai" in log.notes[0]


def test_test_columns_stand_for_validation_only_where_there_is_none():
    assert "val_loss" in columns_of("epoch,train_loss,test_loss\n0,1.5,1.6\n1,1.2,1.4\n")
    assert "test_loss" in columns_of("epoch,loss,val_loss,test_loss\n0,1.5,1.6,2\n1,1.2,1.4,2\n")


def test_a_metric_that_does_not_say_its_photos_is_said():
    log = log_of("epoch,train_loss,val_loss,acc\n0,1.5,1.6,0.4\n1,1.2,1.4,0.5\n")
    assert "do not say on which photos: accuracy" in log.notes[0]


@pytest.mark.parametrize(
    "content",
    [
        "epoch,phase,loss\n0,train,1.5\n0,val,1.6\n1,train,1.2\n1,val,1.4\n",
        "epoch,phase,loss\n0,train,1.5\n1,train,1.2\n0,val,1.6\n1,val,1.4\n",
        "key,value,step\nloss,1.5,0\nval_loss,1.6,0\nloss,1.2,1\nval_loss,1.4,1\n",
        "epoch,train_loss_step,train_loss_epoch,val_loss\n0,9,,\n0,,,1.6\n0,,1.5,\n1,8,,\n1,,,1.4\n1,,1.2,\n",
        "Step,run-3 - loss,run-3 - loss__MIN,run-3 - val_loss\n0,1.5,1,1.6\n1,1.2,1,1.4\n",
        ",epoch,loss,val_loss,empty\n0,1,1.5,1.6,\n1,2,1.2,1.4,\n",
    ],
)
def test_the_same_history_however_its_rows_are_set(content):
    assert columns_of(content) == RIGHT


def test_of_two_columns_with_one_name_the_first_with_numbers_is_read_and_it_is_said():
    log = log_of("epoch,loss,loss,loss\n0,,1.5,3\n1,,1.2,4\n")
    assert list(log.history["loss"]) == [1.5, 1.2]
    assert "left out" in log.notes[0]
